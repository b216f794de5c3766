import { formatFunction, formatType } from "../../../wit/format.ts";
import { InvalidModuleError } from "../binary/invalid-module.ts";
import { moduleMisfit } from "./core/match.ts";
import { Substitution, type Budget } from "./substitute.ts";
import type {
  ComponentType,
  DefinedType,
  Extern,
  Externs,
  FunctionType,
  ResourceIdentity,
  ResourceType,
  ValueType,
} from "./types.ts";

/** Where something is given. */
export interface Place {
  /** What is wanted, and of whom, as messages have it. */
  readonly what: "import" | "export";
  readonly of?: "of a component inside " | "of a component that is given ";
  /** The names that lead to it: the import or export, then those inside. */
  readonly path: readonly string[];
  readonly at: number;
}

/**
 * Holds what is given to what is wanted: the subtyping of the Component Model. Resources that the wanted types leave
 * open stand for those that are given first.
 */
export class Matcher {
  readonly bindings = new Map<ResourceIdentity, ResourceIdentity>();
  /** What was given for each type of values or resources that was wanted under a name. */
  readonly types = new Map<DefinedType, DefinedType>();
  readonly #open = new Set<ResourceIdentity>();
  readonly #budget: Budget;
  /** What was found to do, so that a type which is used in many places is compared once. */
  readonly #done = new Map<Externs, Set<Externs>>();

  constructor(open: readonly ResourceIdentity[], budget: Budget) {
    this.#budget = budget;
    this.#leaveOpen(open);
  }

  #leaveOpen(identities: readonly ResourceIdentity[]): void {
    for (const identity of identities) this.#open.add(identity);
  }

  /** @throws InvalidModuleError when the one cannot stand for the other. */
  check(given: Extern, wanted: Extern, place: Place): void {
    this.#budget.spend(place.at);
    switch (wanted.sort) {
      case "core module": {
        if (given.sort !== wanted.sort) return misfit(place, "a core module", articled(given.sort));
        const why = moduleMisfit(given.type, wanted.type);
        return why === undefined ? undefined : misfit(place, "a core module", `one ${why}`);
      }
      case "function":
        if (given.sort !== wanted.sort) return misfit(place, text(wanted.type), articled(given.sort));
        return this.#function(given.type, wanted.type, place);
      case "value":
        if (given.sort !== wanted.sort) return misfit(place, "a value", articled(given.sort));
        if (this.#isSame(given.type, wanted.type, place.at)) return;
        return misfit(place, `a value of ${described(wanted.type)}`, `one of ${described(given.type)}`);
      case "type":
        if (given.sort !== wanted.sort) return misfit(place, "a type", articled(given.sort));
        return this.#type(given.type, wanted.type, place);
      case "instance":
        if (given.sort !== wanted.sort) return misfit(place, "an instance", articled(given.sort));
        this.#leaveOpen(wanted.type.defines);
        return this.exports(given.type.exports, wanted.type.exports, place);
      case "component":
        if (given.sort !== wanted.sort) return misfit(place, "a component", articled(given.sort));
        return this.#component(given.type, wanted.type, place);
    }
  }

  /** Whether there is something that will do for each name that is wanted. */
  exports(given: Externs, wanted: Externs, place: Place): void {
    const done = this.#done.get(wanted) ?? new Set();
    if (done.has(given)) return;
    this.#done.set(wanted, done.add(given));
    for (const [name, extern] of wanted) {
      const inside = { ...place, path: [...place.path, name] };
      const found = given.get(name);
      if (found === undefined) return misfit(inside, "an export", "nothing");
      this.check(found, extern, inside);
    }
  }

  #function(given: FunctionType, wanted: FunctionType, place: Place): void {
    const { params, result, isAsync } = wanted;
    const isSame =
      given.isAsync === isAsync &&
      given.params.length === params.length &&
      params.every((param, index) => {
        const found = given.params[index];
        return found !== undefined && found.name === param.name && this.#isSame(found.type, param.type, place.at);
      }) &&
      (given.result === undefined || result === undefined
        ? given.result === result
        : this.#isSame(given.result, result, place.at));
    if (!isSame) misfit(place, text(wanted), text(given));
  }

  #isSame(given: ValueType, wanted: ValueType, at: number): boolean {
    if (given === wanted && !wanted.hasResources) return true;
    this.#budget.spend(at);
    if (given.head !== wanted.head || given.parts.length !== wanted.parts.length) return false;
    if (given.resource !== undefined && wanted.resource !== undefined) {
      return this.#bound(wanted.resource) === given.resource.identity;
    }
    return wanted.parts.every((part, index) => {
      const found = given.parts[index];
      return found !== undefined && this.#isSame(found, part, at);
    });
  }

  #bound({ identity }: ResourceType): ResourceIdentity {
    return this.bindings.get(identity) ?? identity;
  }

  #type(given: DefinedType, wanted: DefinedType, place: Place): void {
    const fail = (): never => misfit(place, described(wanted), described(given));
    if (wanted.kind === "resource" || wanted.kind === "value") this.types.set(wanted, given);
    switch (wanted.kind) {
      case "resource": {
        if (given.kind !== "resource") return misfit(place, "a resource", described(given));
        const isOpen = this.#open.has(wanted.identity) && !this.bindings.has(wanted.identity);
        if (isOpen) this.bindings.set(wanted.identity, given.identity);
        return this.#bound(wanted) === given.identity ? undefined : misfit(place, "a resource", "another resource");
      }
      case "value":
        return given.kind === "value" && this.#isSame(given, wanted, place.at) ? undefined : fail();
      case "function":
        return given.kind === "function" ? this.#function(given, wanted, place) : fail();
      case "instance":
        if (given.kind !== "instance") return fail();
        this.#leaveOpen(wanted.defines);
        return this.exports(given.exports, wanted.exports, place);
      case "component":
        return given.kind === "component" ? this.#component(given, wanted, place) : fail();
    }
  }

  /** A component may import less than it is said to, and less of it, and export more. */
  #component(given: ComponentType, said: ComponentType, place: Place): void {
    const { at } = place;
    const wanted = new Substitution({ resources: this.bindings }, this.#budget, at);
    const imports = wanted.externs(said.imports);
    const inward = new Matcher(given.takes, this.#budget);
    for (const [name, extern] of given.imports) {
      const inside: Place = { ...place, of: "of a component that is given ", path: [...place.path, name] };
      const found = imports.get(name);
      if (found === undefined) return misfit(inside, `${articled(extern.sort)} by its own account`, "nothing");
      inward.check(found, extern, inside);
    }
    const exports = new Substitution({ resources: inward.bindings }, this.#budget, at).externs(given.exports);
    const outward = new Matcher(said.defines, this.#budget);
    outward.exports(exports, wanted.externs(said.exports), place);
  }
}

function text({ wit, isAsync }: FunctionType): string {
  return `${isAsync ? "async " : ""}${formatFunction(wit)}`;
}

function described(type: DefinedType): string {
  if (type.kind === "value") return `the type ${formatType(type.wit)}`;
  return type.kind === "resource" ? "a resource" : `the type of ${articled(type.kind)}`;
}

function articled(sort: string): string {
  return `${/^[aeiou]/.test(sort) ? "an" : "a"} ${sort}`;
}

function misfit(place: Place, wanted: string, given: string): never {
  const { what, of = "", path, at } = place;
  const [name = "", ...inside] = path;
  const where = inside.length === 0 ? "" : ` whose "${inside.join(".")}" is`;
  throw new InvalidModuleError(`the ${what} "${name}",${where} ${wanted}, ${of}is given ${given}`, at);
}
