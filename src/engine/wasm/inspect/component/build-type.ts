import type { WitField, WitType } from "../../../../wit/types.ts";
import { InvalidModuleError } from "../../binary/invalid-module.ts";
import type { FunctionType, Scope, TypeEntity } from "./entities.ts";
import type { FunctionDefinition, NamedUse, TypeDefinition, TypeUse } from "./tree.ts";

/**
 * Types in one type, written out, and their nesting; the same limits as for WIT text. A few bytes can mean
 * exponentially many types, and every walk over types costs time for each of them.
 */
export const typeParts = 10_000;
export const typeDepth = 100;

type ValueEntity = Extract<TypeEntity, { kind: "value" }>;
type ValueDefinition = Exclude<TypeDefinition, { kind: "function" | "component" | "instance" | "resource" }>;

/** Builds WIT types from definitions of one scope. */
export class TypeBuilder {
  readonly #scope: Scope;
  readonly #at: number;
  #parts = 1;
  #depth = 0;

  constructor(scope: Scope, at: number) {
    this.#scope = scope;
    this.#at = at;
  }

  value(definition: ValueDefinition): TypeEntity {
    const type = this.#build(definition);
    const depth = this.#depth + 1;
    if (this.#parts > typeParts) this.#fail(`a type of more than ${typeParts} parts`);
    if (depth > typeDepth) this.#fail(`a type more than ${typeDepth} levels deep`);
    return { kind: "value", type, parts: this.#parts, depth };
  }

  function(definition: FunctionDefinition): FunctionType {
    const params = this.#fields(definition.params);
    const { result } = definition;
    const signature = { params, ...(result === undefined ? {} : { result: this.#use(result) }) };
    if (this.#parts > typeParts) this.#fail(`a signature of more than ${typeParts} parts`);
    return { signature, isAsync: definition.isAsync };
  }

  #build(definition: ValueDefinition): WitType {
    switch (definition.kind) {
      case "primitive":
        return { kind: definition.type };
      case "record":
        return { kind: "record", fields: this.#fields(definition.fields) };
      case "variant":
        return {
          kind: "variant",
          cases: definition.cases.map(({ name, type }) => ({ name, ...this.#optional("type", type) })),
        };
      case "list":
        return this.#list(definition.element, definition.length);
      case "map":
        return {
          kind: "list",
          element: { kind: "tuple", items: [this.#use(definition.key), this.#use(definition.value)] },
        };
      case "tuple":
        return { kind: "tuple", items: definition.items.map((item) => this.#use(item)) };
      case "flags":
        this.#parts += definition.names.length;
        return { kind: "flags", flags: definition.names };
      case "enum":
        this.#parts += definition.names.length;
        return { kind: "enum", cases: definition.names };
      case "option":
        return { kind: "option", some: this.#use(definition.some) };
      case "result":
        return { kind: "result", ...this.#optional("ok", definition.ok), ...this.#optional("err", definition.err) };
      case "own":
      case "borrow":
        return { kind: definition.kind, resource: this.#resource(definition.resource) };
      case "stream":
      case "future":
        return { kind: definition.kind, ...this.#optional("element", definition.element) };
    }
  }

  /** A list of fixed length lies in memory like a tuple, so it counts as many parts. */
  #list(use: TypeUse, length: number | undefined): WitType {
    const before = this.#parts;
    const element = this.#use(use);
    if (length === undefined) return { kind: "list", element };
    if (length === 0) this.#fail("a list of the fixed length 0");
    this.#parts = before + (this.#parts - before) * length;
    return { kind: "list", element, length };
  }

  #fields(uses: readonly NamedUse[]): WitField[] {
    return uses.map(({ name, type }) => ({ name, type: this.#use(type) }));
  }

  #optional<K extends string>(key: K, use: TypeUse | undefined): { [P in K]?: WitType } {
    const made: { [P in K]?: WitType } = {};
    this.#parts += 1;
    if (use !== undefined) made[key] = this.#use(use);
    return made;
  }

  #use(use: TypeUse): WitType {
    if (typeof use === "string") {
      this.#parts += 1;
      this.#depth = Math.max(this.#depth, 1);
      return { kind: use };
    }
    const { type, parts, depth } = this.#valueAt(use);
    this.#parts += parts;
    this.#depth = Math.max(this.#depth, depth);
    return type;
  }

  #valueAt(index: number): ValueEntity {
    const entity = this.#scope.types[index];
    return entity?.kind === "value" ? entity : this.#fail(`type ${index} is not the type of a value`);
  }

  #resource(index: number): string {
    const entity = this.#scope.types[index];
    return entity?.kind === "resource" ? (entity.name ?? "resource") : this.#fail(`type ${index} is not a resource`);
  }

  #fail(message: string): never {
    throw new InvalidModuleError(message, this.#at);
  }
}

/** A type under the name that an import or export gives it; the first name stays. */
export function withName(entity: TypeEntity, name: string): TypeEntity {
  if (entity.kind === "resource") return entity.name === undefined ? { ...entity, name } : entity;
  if (entity.kind !== "value") return entity;
  const { type } = entity;
  const canBeNamed = type.kind === "record" || type.kind === "variant" || type.kind === "enum" || type.kind === "flags";
  return canBeNamed && type.name === undefined ? { ...entity, type: { ...type, name } } : entity;
}
