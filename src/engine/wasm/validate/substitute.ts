import { InvalidModuleError } from "../binary/invalid-module.ts";
import type { DefinedType, Extern, Externs, ResourceIdentity, ValueType } from "./types.ts";

/** Types that may be looked at for one component. Real ones need some hundred; a few bytes could ask for exponentially many. */
const looks = 300_000;

/** Counts what validation costs. */
export class Budget {
  #left = looks;

  /** @throws InvalidModuleError when too much has been done. */
  spend(at: number): void {
    this.#left -= 1;
    if (this.#left < 0) throw new InvalidModuleError("its types are too many to look at", at);
  }
}

/** What resources stand for others, under any name. */
export type Bindings = ReadonlyMap<ResourceIdentity, ResourceIdentity>;
/** What types stand for others, under the very names that they have. */
export type TypeBindings = ReadonlyMap<DefinedType, DefinedType>;

interface Replacements {
  readonly resources: Bindings;
  readonly types?: TypeBindings;
}

/** Puts resources and types in the place of others. What does not change stays the very same object, and equal parts become equal ones. */
export class Substitution {
  readonly #resources: Bindings;
  readonly #isEmpty: boolean;
  readonly #hasTypes: boolean;
  readonly #budget: Budget;
  readonly #at: number;
  readonly #done = new Map<DefinedType, DefinedType>();

  constructor({ resources, types = new Map() }: Replacements, budget: Budget, at: number) {
    this.#resources = resources;
    this.#hasTypes = types.size > 0;
    this.#isEmpty = resources.size === 0 && types.size === 0;
    this.#budget = budget;
    this.#at = at;
    for (const [type, other] of types) this.#done.set(type, other);
  }

  externs(externs: Externs): Externs {
    if (this.#isEmpty) return externs;
    const made = new Map([...externs].map(([name, extern]) => [name, this.extern(extern)]));
    const isSame = [...made].every(([name, { type }]) => externs.get(name)?.type === type);
    return isSame ? externs : made;
  }

  extern(extern: Extern): Extern {
    this.#budget.spend(this.#at);
    switch (extern.sort) {
      case "core module":
        return extern;
      case "type":
        return { sort: "type", type: this.type(extern.type), of: this.type(extern.of) };
      case "value":
        return { sort: "value", type: this.#of(extern.type) };
      case "function":
        return { sort: "function", type: this.#of(extern.type) };
      case "instance":
        return { sort: "instance", type: this.#of(extern.type) };
      case "component":
        return { sort: "component", type: this.#of(extern.type) };
    }
  }

  type(type: DefinedType): DefinedType {
    const known = this.#done.get(type);
    if (known !== undefined) return known;
    this.#budget.spend(this.#at);
    const made = this.#type(type);
    this.#done.set(type, made);
    return made;
  }

  #type(type: DefinedType): DefinedType {
    switch (type.kind) {
      case "value":
        return type.hasResources || this.#hasTypes ? this.#value(type) : type;
      case "resource": {
        const identity = this.#resources.get(type.identity);
        return identity === undefined ? type : { kind: "resource", identity };
      }
      case "function": {
        const params = type.params.map(({ name, type: param }) => ({ name, type: this.#of(param) }));
        const result = type.result && this.#of(type.result);
        const isSame =
          result === type.result && params.every((param, index) => param.type === type.params[index]?.type);
        return isSame ? type : { ...type, params, result };
      }
      case "instance": {
        const exports = this.externs(type.exports);
        return exports === type.exports ? type : { ...type, exports };
      }
      case "component": {
        const [imports, exports] = [this.externs(type.imports), this.externs(type.exports)];
        return imports === type.imports && exports === type.exports ? type : { ...type, imports, exports };
      }
    }
  }

  #value(type: ValueType): ValueType {
    const parts = type.parts.map((part) => this.#of(part));
    const resource = type.resource && this.#of(type.resource);
    const isSame = resource === type.resource && parts.every((part, index) => part === type.parts[index]);
    return isSame ? type : { ...type, parts, resource };
  }

  /** The kind of a type stays. */
  #of<T extends DefinedType>(type: T): T {
    const made = this.type(type);
    if (!isLike(made, type)) throw new Error(`a ${type.kind} became a ${made.kind}`);
    return made;
  }
}

function isLike<T extends DefinedType>(made: DefinedType, type: T): made is T {
  return made.kind === type.kind;
}

/** New resources in the place of some. */
export function freshened(
  identities: readonly ResourceIdentity[],
  budget: Budget,
  at: number,
): Map<ResourceIdentity, ResourceIdentity> {
  const fresh = new Map<ResourceIdentity, ResourceIdentity>();
  for (const identity of identities) {
    budget.spend(at);
    fresh.set(identity, { name: identity.name });
  }
  return fresh;
}
