import type { WitPrimitive } from "../../../../wit/types.ts";

/** A value type where it is used: written out, or by its index. */
export type TypeUse = WitPrimitive | "error-context" | number;

export interface NamedUse {
  readonly name: string;
  readonly type: TypeUse;
}

export interface CaseUse {
  readonly name: string;
  readonly type: TypeUse | undefined;
}

/** A type as a component defines it; other types appear by index. */
export type TypeDefinition =
  | { readonly kind: "primitive"; readonly type: WitPrimitive | "error-context" }
  | { readonly kind: "record"; readonly fields: readonly NamedUse[] }
  | { readonly kind: "variant"; readonly cases: readonly CaseUse[] }
  | { readonly kind: "list"; readonly element: TypeUse; readonly length: number | undefined }
  | { readonly kind: "map"; readonly key: TypeUse; readonly value: TypeUse }
  | { readonly kind: "tuple"; readonly items: readonly TypeUse[] }
  | { readonly kind: "flags" | "enum"; readonly names: readonly string[] }
  | { readonly kind: "option"; readonly some: TypeUse }
  | { readonly kind: "result"; readonly ok: TypeUse | undefined; readonly err: TypeUse | undefined }
  | { readonly kind: "own" | "borrow"; readonly resource: number }
  | { readonly kind: "stream" | "future"; readonly element: TypeUse | undefined }
  | FunctionDefinition
  | { readonly kind: "component" | "instance"; readonly items: readonly Item[] }
  | { readonly kind: "resource"; readonly destructor: number | undefined };

export interface FunctionDefinition {
  readonly kind: "function";
  readonly params: readonly NamedUse[];
  readonly result: TypeUse | undefined;
  readonly isAsync: boolean;
}

/** Index spaces of the core part of a component. */
export type CoreSort = "function" | "table" | "memory" | "global" | "tag" | "type" | "module" | "instance";
/** Index spaces. Of the core ones only modules may be imported and exported. */
export type Sort = "function" | "value" | "type" | "component" | "instance" | `core ${CoreSort}`;

/** What an import or export is said to be. */
export type ExternDescription =
  | { readonly kind: "core module"; readonly type: number }
  | { readonly kind: "function" | "component" | "instance"; readonly type: number }
  | { readonly kind: "type"; readonly equals: number | undefined }
  | { readonly kind: "value"; readonly type: TypeUse };

export type Alias =
  | { readonly sort: Sort; readonly target: "export" | "core export"; readonly instance: number; readonly name: string }
  | { readonly sort: Sort; readonly target: "outer"; readonly count: number; readonly index: number };

export interface SortIndex {
  readonly name: string;
  readonly sort: Sort;
  readonly index: number;
}

/** How a lifted or lowered function meets its core function. */
export interface CanonOptions {
  readonly encoding: "utf8" | "utf16" | "latin1+utf16";
  readonly memory: number | undefined;
  readonly realloc: number | undefined;
  readonly postReturn: number | undefined;
  readonly isAsync: boolean;
  readonly callback: number | undefined;
}

/** Definitions between the core part and the component part. */
export type Canon =
  | { readonly kind: "lift"; readonly core: number; readonly options: CanonOptions; readonly type: number }
  | { readonly kind: "lower"; readonly function: number; readonly options: CanonOptions }
  | { readonly kind: "resource.new" | "resource.drop" | "resource.rep"; readonly resource: number }
  /** A built-in of the async part of the component model. */
  | { readonly kind: "builtin"; readonly name: string };

/** One definition of a component, or one declaration of a component or instance type, in the order of the binary. */
export type Item = { readonly at: number } & (
  | { readonly kind: "core module"; readonly start: number; readonly end: number }
  | {
      readonly kind: "core instance";
      readonly module: number;
      readonly args: readonly { name: string; instance: number }[];
    }
  | { readonly kind: "core exports"; readonly exports: readonly { name: string; sort: CoreSort; index: number }[] }
  /** Left where it lies: only validation asks what it is. */
  | { readonly kind: "core type"; readonly start: number; readonly end: number }
  | { readonly kind: "component"; readonly items: readonly Item[] }
  | { readonly kind: "instance"; readonly component: number; readonly args: readonly SortIndex[] }
  | { readonly kind: "exports"; readonly exports: readonly SortIndex[] }
  | { readonly kind: "alias"; readonly alias: Alias }
  | { readonly kind: "type"; readonly type: TypeDefinition }
  | { readonly kind: "canon"; readonly canon: Canon }
  /** A function that runs while the component is instantiated, with values by index, and how many values it adds. */
  | { readonly kind: "start"; readonly function: number; readonly args: readonly number[]; readonly results: number }
  | { readonly kind: "import"; readonly name: string; readonly extern: ExternDescription }
  | {
      readonly kind: "export";
      readonly name: string;
      /** What is exported; undefined in the declaration of a type. */
      readonly from: { readonly sort: Sort; readonly index: number } | undefined;
      readonly extern: ExternDescription | undefined;
    }
);

/** A component as its binary says it. */
export interface ComponentTree {
  readonly items: readonly Item[];
  /** Features that it uses and our own reading does not follow; jco may run them all the same. */
  readonly unsupported: readonly string[];
}
