import { nearestNames } from "../../core/nearest.ts";
import { partsOf } from "../format.ts";
import type { WitField, WitFunction, WitType } from "../types.ts";
import { witError } from "./error.ts";
import { builtinNames, builtinType } from "./builtins.ts";
import type {
  Definition,
  FunctionNode,
  NamedType,
  NameNode,
  ResourceMember,
  Scope,
  TypeNode,
  UseNode,
} from "./syntax.ts";

/**
 * Types in one type, written out. Names let a few lines of text mean exponentially many types, and every walk over
 * types (conversion, the canonical ABI) costs time for each of them.
 */
const typesInType = 10_000;
/** Types nested in each other, names followed. Bounds the recursion of every walk. */
const typeDepth = 100;

/** What a name means: a type, or a resource, which is a type only through a handle. */
type Meaning = { readonly type: WitType } | { readonly resource: string };

/** Finds the scope that a `use` names. */
export type FindScope = (use: UseNode) => TypeScope;

/** The names of one interface, world or short text, resolved when they are first asked for, in whatever order. */
export class TypeScope {
  readonly #text: string;
  readonly #scope: Scope;
  readonly #find: FindScope;
  readonly #parent: TypeScope | undefined;
  readonly #known = new Map<string, Meaning>();
  readonly #open = new Set<string>();

  constructor(
    text: string,
    scope: Scope,
    links: { readonly find: FindScope; readonly parent?: TypeScope | undefined },
  ) {
    this.#text = text;
    this.#scope = scope;
    this.#find = links.find;
    this.#parent = links.parent;
  }

  /** Every function of the scope, those of its resources included. Every definition is checked, used or not. */
  functions(prefix: string): WitFunction[] {
    this.#distinct(this.#scope.definitions);
    this.#distinct(this.#scope.functions);
    for (const use of this.#scope.uses) for (const item of use.names) this.#meaning(item.as, item.at);
    for (const definition of this.#scope.definitions) this.#meaning(definition.name, definition.at);
    const functions = this.#scope.functions.map((node) => this.function(node, `${prefix}${node.name}`));
    for (const definition of this.#scope.definitions) {
      if (definition.kind !== "resource") continue;
      functions.push(...definition.members.map((member) => this.#member(member, definition.name, prefix)));
    }
    return functions;
  }

  resources(): string[] {
    return this.#scope.definitions.filter((item) => item.kind === "resource").map((item) => item.name);
  }

  function(node: FunctionNode, name: string): WitFunction {
    this.#distinct(node.params);
    const params = this.#fields(node.params);
    return { name, params, ...(node.result === undefined ? {} : { result: this.type(node.result) }) };
  }

  type(node: TypeNode): WitType {
    const type = this.#typeOf(node);
    const { depth, count } = measure(type);
    if (depth > typeDepth) this.#fail(node.at, `a type at most ${typeDepth} levels deep`, "a deeper one");
    if (count > typesInType) this.#fail(node.at, `a type of at most ${typesInType} parts`, "a larger one");
    return type;
  }

  #typeOf(node: TypeNode): WitType {
    const items = node.arguments;
    if (items === undefined) {
      const builtin = node.escaped ? undefined : builtinType(node.name);
      if (builtin !== undefined) return builtin;
    }
    if ((node.name === "own" || node.name === "borrow") && items !== undefined) return this.#handle(node, items);
    if (items !== undefined) return this.#generic(node, items);
    const meaning = this.#meaning(node.name, node.at);
    return "type" in meaning ? meaning.type : { kind: "own", resource: meaning.resource };
  }

  #handle(node: TypeNode, items: readonly TypeNode[]): WitType {
    const [item] = items;
    const meaning = item === undefined || items.length > 1 ? undefined : this.#meaning(item.name, item.at);
    if (meaning === undefined || !("resource" in meaning)) {
      return this.#fail(
        item?.at ?? node.at,
        "the name of a resource",
        item === undefined ? "nothing" : `"${item.name}"`,
      );
    }
    return { kind: node.name === "own" ? "own" : "borrow", resource: meaning.resource };
  }

  #generic(node: TypeNode, items: readonly TypeNode[]): WitType {
    const part = (item: TypeNode | undefined) =>
      item === undefined || (item.name === "_" && !item.escaped) ? undefined : this.type(item);
    const [first, second] = items;
    const count = (least: number, most: number) => {
      if (items.length >= least && items.length <= most) return;
      this.#fail(
        node.at,
        `${node.name}<…> with ${least === most ? least : `${least} to ${most}`} types`,
        `${items.length}`,
      );
    };
    switch (node.name) {
      case "list": {
        count(1, 2);
        const element = part(first) ?? this.#fail(node.at, "a type", '"_"');
        return { kind: "list", element, ...(second === undefined ? {} : { length: this.#length(second) }) };
      }
      case "option":
        count(1, 1);
        return { kind: "option", some: part(first) ?? this.#fail(node.at, "a type", '"_"') };
      case "tuple":
        count(1, Infinity);
        return { kind: "tuple", items: items.map((item) => part(item) ?? this.#fail(item.at, "a type", '"_"')) };
      case "result": {
        count(1, 2);
        const [ok, err] = [part(first), part(second)];
        return { kind: "result", ...(ok === undefined ? {} : { ok }), ...(err === undefined ? {} : { err }) };
      }
      case "stream":
      case "future": {
        count(1, 1);
        const element = part(first);
        return { kind: node.name, ...(element === undefined ? {} : { element }) };
      }
      default:
        return this.#fail(
          node.at,
          "list, option, result, tuple, own, borrow, stream or future before <",
          `"${node.name}"`,
        );
    }
  }

  #length({ name, at }: TypeNode): number {
    const length = /^[1-9]\d{0,4}$/.test(name) ? Number(name) : typesInType + 1;
    return length <= typesInType ? length : this.#fail(at, `a length from 1 to ${typesInType}`, `"${name}"`);
  }

  #meaning(name: string, at: number): Meaning {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const definition = this.#scope.definitions.find((item) => item.name === name);
    const found = definition === undefined ? this.#used(name) : this.#defined(definition, at);
    const meaning = found ?? this.#parent?.lookUp(name);
    if (meaning === undefined) this.#unknown(name, at);
    this.#known.set(name, meaning);
    return meaning;
  }

  /** What the name means here or outside, or undefined. */
  lookUp(name: string): Meaning | undefined {
    return this.names().includes(name) ? this.#meaning(name, 0) : this.#parent?.lookUp(name);
  }

  /** The names that this scope itself defines or uses. */
  names(): string[] {
    const used = this.#scope.uses.flatMap((use) => use.names.map((item) => item.as));
    return [...this.#scope.definitions.map((item) => item.name), ...used];
  }

  #used(name: string): Meaning | undefined {
    for (const use of this.#scope.uses) {
      const item = use.names.find((candidate) => candidate.as === name);
      if (item === undefined) continue;
      const scope = this.#find(use);
      const meaning = scope.lookUp(item.name);
      if (meaning === undefined)
        return this.#unknown(item.name, item.at, { where: ` of ${use.path}`, known: scope.names() });
      return meaning;
    }
    return undefined;
  }

  #defined(definition: Definition, at: number): Meaning {
    const { name } = definition;
    if (definition.kind === "resource") return { resource: name };
    if (this.#open.has(name)) return this.#fail(at, "a type that does not contain itself", `"${name}"`);
    this.#open.add(name);
    try {
      return { type: this.#definedType(definition) };
    } finally {
      this.#open.delete(name);
    }
  }

  #definedType(definition: Exclude<Definition, { kind: "resource" }>): WitType {
    const { name } = definition;
    switch (definition.kind) {
      case "type":
        return this.type(definition.type);
      case "record":
        this.#parts(definition, definition.fields);
        return { kind: "record", name, fields: this.#fields(definition.fields) };
      case "variant": {
        this.#parts(definition, definition.cases);
        const cases = definition.cases.map((item) =>
          item.type === undefined ? { name: item.name } : { name: item.name, type: this.type(item.type) },
        );
        return { kind: "variant", name, cases };
      }
      case "enum":
        return { kind: "enum", name, cases: this.#parts(definition, definition.names) };
      case "flags":
        return { kind: "flags", name, flags: this.#parts(definition, definition.names) };
    }
  }

  #fields(nodes: readonly NamedType[]): WitField[] {
    return nodes.map((node) => ({ name: node.name, type: this.type(node.type) }));
  }

  /** The names of a record's fields, or of cases or flags: there is one at least, and none twice. */
  #parts(definition: Definition, nodes: readonly NameNode[]): string[] {
    if (nodes.length === 0)
      this.#fail(definition.at, `at least one name in ${definition.kind} ${definition.name}`, "none");
    this.#distinct(nodes);
    return nodes.map((node) => node.name);
  }

  /** Unnamed parameters have the empty name, which may come again. */
  #distinct(nodes: readonly NameNode[]): void {
    const seen = new Set<string>();
    for (const { name, at } of nodes) {
      if (seen.has(name) && name !== "") this.#fail(at, "a name that is not taken", `"${name}" a second time`);
      seen.add(name);
    }
  }

  #member({ sort, node }: ResourceMember, resource: string, prefix: string): WitFunction {
    const name = `${prefix}[${sort}]${resource}${sort === "constructor" ? "" : `.${node.name}`}`;
    const plain = this.function(node, name);
    if (sort === "static") return plain;
    if (sort === "constructor") return { ...plain, result: plain.result ?? { kind: "own", resource } };
    return { ...plain, params: [{ name: "self", type: { kind: "borrow", resource } }, ...plain.params] };
  }

  #unknown(name: string, at: number, { where = "", known = [...this.names(), ...builtinNames] } = {}): never {
    const [nearest] = nearestNames(name, known, 1);
    const hint = nearest === undefined ? undefined : `did you mean "${nearest}"?`;
    return this.#fail(at, `a type${where}`, `the unknown name "${name}"`, hint);
  }

  #fail(...[at, expected, found, hint]: [at: number, expected: string, found: string, hint?: string]): never {
    throw witError(this.#text, { at, expected, found, hint });
  }
}

interface Measure {
  readonly depth: number;
  readonly count: number;
}

const measures = new WeakMap<WitType, Measure>();

/** Depth and size of a type as if written out; remembered, so that shared parts are measured once. */
function measure(type: WitType): Measure {
  const known = measures.get(type);
  if (known !== undefined) return known;
  let depth = 0;
  let count = 1;
  for (const part of partsOf(type)) {
    const inner = measure(part);
    depth = Math.max(depth, inner.depth);
    count += inner.count;
  }
  if (type.kind === "list" && type.length !== undefined) count *= type.length;
  const measured = { depth: depth + 1, count };
  measures.set(type, measured);
  return measured;
}
