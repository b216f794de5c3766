/** WIT text as written, names not yet resolved. `at` is an offset in the text. */
export interface Positioned {
  readonly at: number;
}

/** A use of a type: `u32`, `user`, `list<user>`, `result<_, error>`, `tuple<a, b>`; `arguments` is absent without `<…>`. */
export interface TypeNode extends Positioned {
  readonly name: string;
  readonly escaped: boolean;
  readonly arguments?: readonly TypeNode[];
}

export interface NameNode extends Positioned {
  readonly name: string;
}

export interface NamedType extends Positioned {
  readonly name: string;
  readonly type: TypeNode;
}

export interface CaseNode extends Positioned {
  readonly name: string;
  readonly type?: TypeNode;
}

export interface FunctionNode extends Positioned {
  readonly name: string;
  readonly params: readonly NamedType[];
  readonly result?: TypeNode;
}

export interface ResourceMember {
  readonly sort: "constructor" | "method" | "static";
  readonly node: FunctionNode;
}

export type Definition = Positioned & { readonly name: string } & (
    | { readonly kind: "type"; readonly type: TypeNode }
    | { readonly kind: "record"; readonly fields: readonly NamedType[] }
    | { readonly kind: "variant"; readonly cases: readonly CaseNode[] }
    | { readonly kind: "enum" | "flags"; readonly names: readonly NameNode[] }
    | { readonly kind: "resource"; readonly members: readonly ResourceMember[] }
  );

/** `use PATH.{a, b as c};` */
export interface UseNode extends Positioned {
  readonly path: string;
  readonly names: readonly (Positioned & { readonly name: string; readonly as: string })[];
}

/** What can be written inside an interface, a world, or at the top of a text in the short form. */
export interface Scope {
  readonly definitions: Definition[];
  readonly functions: FunctionNode[];
  readonly uses: UseNode[];
}

export interface InterfaceNode extends Scope, Positioned {
  readonly name: string;
}

/** What a world imports or exports: an interface named elsewhere, one written in place, or a function. */
export type External =
  | (Positioned & { readonly kind: "path"; readonly path: string })
  | { readonly kind: "interface"; readonly node: InterfaceNode }
  | { readonly kind: "function"; readonly node: FunctionNode };

export interface WorldNode extends Scope, Positioned {
  readonly name: string;
  readonly imports: External[];
  readonly exports: External[];
}

/** A package, or the part of a text outside of any: `name` is `ns:name`, empty when the text names no package. */
export interface PackageNode extends Scope {
  name: string;
  version: string;
  readonly interfaces: InterfaceNode[];
  readonly worlds: WorldNode[];
}

/** An empty scope to be filled. */
export function emptyScope(): Scope {
  return { definitions: [], functions: [], uses: [] };
}

/** An empty package to be filled. */
export function emptyPackage(): PackageNode {
  return { ...emptyScope(), name: "", version: "", interfaces: [], worlds: [] };
}
