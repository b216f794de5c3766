import { InvalidModuleError } from "../binary/invalid-module.ts";
import type { DefinedType, Extern, Externs, ResourceIdentity, ResourceType, ValueType } from "./types.ts";

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

/** What resources stand for others. */
export type Bindings = ReadonlyMap<ResourceIdentity, ResourceIdentity>;

/** Puts resources in the place of others. What does not change stays the very same object, and equal parts become equal ones. */
export class Substitution {
  readonly #bindings: Bindings;
  readonly #budget: Budget;
  readonly #at: number;
  readonly #done = new Map<object, DefinedType>();

  constructor(bindings: Bindings, budget: Budget, at: number) {
    this.#bindings = bindings;
    this.#budget = budget;
    this.#at = at;
  }

  externs(externs: Externs): Externs {
    if (this.#bindings.size === 0) return externs;
    return new Map([...externs].map(([name, extern]) => [name, this.extern(extern)]));
  }

  extern(extern: Extern): Extern {
    this.#budget.spend(this.#at);
    switch (extern.sort) {
      case "core module":
        return extern;
      case "type":
        return { sort: "type", type: this.type(extern.type), of: this.type(extern.of) };
      case "value":
        return { sort: "value", type: this.#value(extern.type) };
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
        if (!type.hasResources) return type;
        return {
          ...type,
          parts: type.parts.map((part) => this.#value(part)),
          resource: type.resource && this.#resource(type.resource),
        };
      case "resource": {
        const identity = this.#bindings.get(type.identity);
        return identity === undefined ? type : { kind: "resource", identity };
      }
      case "function": {
        const params = type.params.map(({ name, type: param }) => ({ name, type: this.#value(param) }));
        return { ...type, params, result: type.result && this.#value(type.result) };
      }
      case "instance":
        return { ...type, exports: this.externs(type.exports) };
      case "component":
        return { ...type, imports: this.externs(type.imports), exports: this.externs(type.exports) };
    }
  }

  #value(type: ValueType): ValueType {
    return this.#of(type);
  }

  #resource(type: ResourceType): ResourceType {
    return this.#of(type);
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
