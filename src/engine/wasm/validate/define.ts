import type { WitCase, WitType } from "../../../wit/types.ts";
import { InvalidModuleError } from "../binary/invalid-module.ts";
import { typeDepth, typeParts } from "../inspect/component/build-type.ts";
import { isLabel, uniqueLabel } from "../inspect/component/extern-names.ts";
import type { FunctionDefinition, NamedUse, TypeDefinition, TypeUse } from "../inspect/component/tree.ts";
import type { Scope } from "./scope.ts";
import type { FunctionType, ResourceType, ValueType } from "./types.ts";

type ValueDefinition = Exclude<TypeDefinition, { kind: "function" | "component" | "instance" | "resource" }>;

/** Flags of one type: the canonical ABI passes them as one number of 32 bits. */
const flagsLength = 32;

/** Makes types of values and functions from their definitions in one scope, by the rules for them. */
export class TypeDefiner {
  readonly #scope: Scope;
  readonly #at: number;

  constructor(scope: Scope, at: number) {
    this.#scope = scope;
    this.#at = at;
  }

  value(definition: ValueDefinition): ValueType {
    switch (definition.kind) {
      case "primitive":
        return this.use(definition.type);
      case "record":
        return this.#record(definition.fields);
      case "variant":
        return this.#variant(definition.cases);
      case "list":
        return this.#list(definition.element, definition.length);
      case "map":
        return this.#map(definition.key, definition.value);
      case "tuple": {
        const items = definition.items.map((item) => this.use(item));
        this.#some("tuple", items);
        return this.#make("tuple", items, { kind: "tuple", items: items.map(({ wit }) => wit) });
      }
      case "flags":
        this.#labels("flags", definition.names);
        if (definition.names.length > flagsLength) this.#fail(`flags of more than ${flagsLength} names`);
        return this.#make(
          headOf("flags", definition.names),
          [],
          { kind: "flags", flags: definition.names },
          definition.names.length,
        );
      case "enum":
        this.#labels("enum", definition.names);
        return this.#make(
          headOf("enum", definition.names),
          [],
          { kind: "enum", cases: definition.names },
          definition.names.length,
        );
      case "option": {
        const some = this.use(definition.some);
        return this.#make("option", [some], { kind: "option", some: some.wit });
      }
      case "result":
        return this.#result(definition.ok, definition.err);
      case "own":
      case "borrow":
        return this.#handle(definition.kind, definition.resource);
      case "stream":
      case "future":
        return this.#waiting(definition.kind, definition.element);
    }
  }

  function({ params: uses, result: resultUse, isAsync }: FunctionDefinition): FunctionType {
    const params = uses.map(({ name, type }) => ({ name, type: this.use(type) }));
    this.#labels(
      "parameters",
      uses.map(({ name }) => name),
    );
    const result = resultUse === undefined ? undefined : this.use(resultUse);
    if (result?.hasBorrows === true) this.#fail("a function whose result has a borrowed handle");
    const all = result === undefined ? params : [...params, { name: "", type: result }];
    const size = all.reduce((sum, { type }) => sum + type.size, 1);
    if (size > typeParts) this.#fail(`a signature of more than ${typeParts} parts`);
    const wit = {
      name: "",
      params: params.map(({ name, type }) => ({ name, type: type.wit })),
      ...(result && { result: result.wit }),
    };
    return { kind: "function", params, result, isAsync, wit };
  }

  /** A type where it is used. */
  use(use: TypeUse): ValueType {
    if (typeof use === "string") return primitive(use);
    const found = this.#scope.types[use];
    return found?.kind === "value" ? found : this.#fail(`type ${use} is not the type of a value`);
  }

  #record(uses: readonly NamedUse[]): ValueType {
    const names = uses.map(({ name }) => name);
    this.#labels("record", names);
    const fields = uses.map(({ name, type }) => ({ name, type: this.use(type) }));
    const wit: WitType = { kind: "record", fields: fields.map(({ name, type }) => ({ name, type: type.wit })) };
    return this.#make(
      headOf("record", names),
      fields.map(({ type }) => type),
      wit,
    );
  }

  #variant(cases: readonly { readonly name: string; readonly type: TypeUse | undefined }[]): ValueType {
    this.#labels(
      "variant",
      cases.map(({ name }) => name),
    );
    const made = cases.map(({ name, type }) => ({ name, type: type === undefined ? undefined : this.use(type) }));
    const wit: WitCase[] = made.map(({ name, type }) => ({ name, ...(type && { type: type.wit }) }));
    const head = headOf(
      "variant",
      made.map(({ name, type }) => `${name}${type === undefined ? "" : "()"}`),
    );
    return this.#make(head, present(made.map(({ type }) => type)), { kind: "variant", cases: wit }, cases.length);
  }

  #list(use: TypeUse, length: number | undefined): ValueType {
    const element = this.use(use);
    if (length === undefined) return this.#make("list", [element], { kind: "list", element: element.wit });
    if (length === 0) this.#fail("a list of the fixed length 0");
    return this.#make(
      `list ${length}`,
      [element],
      { kind: "list", element: element.wit, length },
      element.size * (length - 1),
    );
  }

  #map(keyUse: TypeUse, valueUse: TypeUse): ValueType {
    const [key, value] = [this.use(keyUse), this.use(valueUse)];
    if (!mapKeys.has(key.head)) this.#fail(`a map whose keys are ${key.head}`);
    return this.#make("map", [key, value], { kind: "list", element: { kind: "tuple", items: [key.wit, value.wit] } });
  }

  #result(okUse: TypeUse | undefined, errUse: TypeUse | undefined): ValueType {
    const ok = okUse === undefined ? undefined : this.use(okUse);
    const err = errUse === undefined ? undefined : this.use(errUse);
    const wit: WitType = { kind: "result", ...(ok && { ok: ok.wit }), ...(err && { err: err.wit }) };
    return this.#make(`result ${ok !== undefined} ${err !== undefined}`, present([ok, err]), wit, 2);
  }

  #handle(kind: "own" | "borrow", index: number): ValueType {
    const resource = this.#scope.types[index];
    if (resource?.kind !== "resource") return this.#fail(`type ${index} is not a resource`);
    return { ...this.#make(kind, [], { kind, resource: resource.identity.name }), ...handleOf(kind, resource) };
  }

  #waiting(kind: "stream" | "future", use: TypeUse | undefined): ValueType {
    const element = use === undefined ? undefined : this.use(use);
    if (element?.hasBorrows === true) this.#fail(`a ${kind} of borrowed handles`);
    if (kind === "stream" && element?.head === "char") this.#fail("a stream of characters");
    return this.#make(
      `${kind} ${element !== undefined}`,
      present([element]),
      { kind, ...(element && { element: element.wit }) },
      1,
    );
  }

  /** A type with its size, which is bounded: a few bytes can mean exponentially many parts. */
  #make(head: string, parts: readonly ValueType[], wit: WitType, more = 0): ValueType {
    const size = parts.reduce((sum, part) => sum + part.size, 1 + more);
    const depth = parts.reduce((most, part) => Math.max(most, part.depth), 0) + 1;
    if (size > typeParts) this.#fail(`a type of more than ${typeParts} parts`);
    if (depth > typeDepth) this.#fail(`a type more than ${typeDepth} levels deep`);
    const hasResources = parts.some((part) => part.hasResources);
    const hasBorrows = parts.some((part) => part.hasBorrows);
    return { kind: "value", head, parts, resource: undefined, wit, size, depth, hasResources, hasBorrows };
  }

  /** Names must be labels, and differ in more than case and hyphens. */
  #labels(what: string, names: readonly string[]): void {
    if (what !== "parameters") this.#some(what, names);
    const seen = new Map<string, string>();
    for (const name of names) {
      if (!isLabel(name)) this.#fail(`"${name}", of the ${what}, is no name`);
      const form = uniqueLabel(name);
      const other = seen.get(form);
      if (other === name) this.#fail(`"${name}" is twice among the ${what}`);
      if (other !== undefined) this.#fail(`"${other}" and "${name}", of the ${what}, are too much alike`);
      seen.set(form, name);
    }
  }

  #some(what: string, parts: readonly unknown[]): void {
    if (parts.length === 0) this.#fail(`a ${what} type without parts`);
  }

  #fail(message: string): never {
    throw new InvalidModuleError(message, this.#at);
  }
}

/** What may be the keys of a map: values that can be compared without doubt. */
const mapKeys = new Set(["bool", "s8", "u8", "s16", "u16", "s32", "u32", "s64", "u64", "char", "string"]);

const primitives = new Map<string, ValueType>();

function primitive(kind: Exclude<TypeUse, number>): ValueType {
  const known = primitives.get(kind);
  if (known !== undefined) return known;
  const made: ValueType = {
    kind: "value",
    head: kind,
    parts: [],
    resource: undefined,
    wit: { kind },
    size: 1,
    depth: 1,
    hasResources: false,
    hasBorrows: false,
  };
  primitives.set(kind, made);
  return made;
}

function headOf(kind: string, names: readonly string[]): string {
  return `${kind} ${names.join(" ")}`;
}

function handleOf(
  kind: "own" | "borrow",
  resource: ResourceType,
): Pick<ValueType, "resource" | "hasResources" | "hasBorrows"> {
  return { resource, hasResources: true, hasBorrows: kind === "borrow" };
}

function present<T>(items: readonly (T | undefined)[]): T[] {
  return items.filter((item) => item !== undefined);
}
