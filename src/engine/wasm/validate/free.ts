import type { Budget } from "./substitute.ts";
import type { DefinedType, Extern, ResourceIdentity } from "./types.ts";

/** Whether a type speaks of resources that it does not bring itself: nobody but their component may use it. */
export function hasFreeResources(type: DefinedType, budget: Budget, at: number): boolean {
  return new Search(() => budget.spend(at)).type(type, new Set());
}

class Search {
  readonly #seen = new Set<object>();
  readonly #spend: () => void;

  constructor(spend: () => void) {
    this.#spend = spend;
  }

  type(type: DefinedType, bound: ReadonlySet<ResourceIdentity>): boolean {
    // What is bound depends on where a type is, but a type that brings resources is the only place to speak of them.
    if (this.#seen.has(type)) return false;
    this.#seen.add(type);
    this.#spend();
    switch (type.kind) {
      case "resource":
        return !bound.has(type.identity);
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
