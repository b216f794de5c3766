import type { Budget } from "./substitute.ts";
import type { DefinedType, Extern, ResourceIdentity } from "./types.ts";

/** Whether a type speaks of resources that it does not bring itself: nobody but their component may use it. */
export function hasFreeResources(type: DefinedType, budget: Budget, at: number): boolean {
  return new Search(() => true, budget, at).type(type, new Set());
}

/** Whether a type speaks of some resources. */
export function speaksOf(
  type: DefinedType,
  identities: ReadonlySet<ResourceIdentity>,
  { budget, at }: { budget: Budget; at: number },
): boolean {
  return new Search((identity) => identities.has(identity), budget, at).type(type, new Set());
}

class Search {
  readonly #seen = new Set<object>();
  readonly #counts: (identity: ResourceIdentity) => boolean;
  readonly #budget: Budget;
  readonly #at: number;

  constructor(counts: (identity: ResourceIdentity) => boolean, budget: Budget, at: number) {
    this.#counts = counts;
    this.#budget = budget;
    this.#at = at;
  }

  type(type: DefinedType, bound: ReadonlySet<ResourceIdentity>): boolean {
    // What is bound depends on where a type is, but a type that brings resources is the only place to speak of them.
    if (this.#seen.has(type)) return false;
    this.#seen.add(type);
    this.#budget.spend(this.#at);
    switch (type.kind) {
      case "resource":
        return !bound.has(type.identity) && this.#counts(type.identity);
      case "value":
        if (!type.hasResources) return false;
        return (
          (type.resource !== undefined && this.type(type.resource, bound)) ||
          type.parts.some((part) => this.type(part, bound))
        );
      case "function":
        return [...type.params.map((param) => param.type), ...(type.result ? [type.result] : [])].some((part) =>
          this.type(part, bound),
        );
      case "instance":
        return this.#externs(type.exports.values(), new Set([...bound, ...type.defines]));
      case "component":
        return this.#externs(
          [...type.imports.values(), ...type.exports.values()],
          new Set([...bound, ...type.takes, ...type.defines]),
        );
    }
  }

  #externs(externs: Iterable<Extern>, bound: ReadonlySet<ResourceIdentity>): boolean {
    return [...externs].some((extern) => extern.sort !== "core module" && this.type(extern.type, bound));
  }
}
