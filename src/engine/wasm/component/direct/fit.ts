import { formatFunction, formatType } from "../../../../wit/format.ts";
import { isSameType, takesTheSame } from "../../../../wit/same.ts";
import type { WitFunction } from "../../../../wit/types.ts";
import { InvalidModuleError } from "../../binary/invalid-module.ts";
import type { TypeEntity } from "../../inspect/component/entities.ts";
import type { ExternDescription, Item } from "../../inspect/component/tree.ts";
import { linkDepth, tooLarge } from "./bounds.ts";
import { signatureOf, type Declarer } from "./declare.ts";
import { decline } from "./declined.ts";
import { aliased, type LinkState } from "./link-state.ts";
import { Scope, scopeOfType, type Linked, type LinkedExports } from "./scope.ts";

/** What a component inside another imports, and where its type was written. */
export interface Wanted {
  /** The names that lead to it: the import, then exports of instances. */
  readonly path: readonly string[];
  readonly extern: ExternDescription;
  readonly scope: Scope;
  readonly at: number;
}

type InstanceType = Extract<TypeEntity, { items: unknown }>;

/**
 * Holds what is given to components inside to the types that they import, as the specification has it: functions and
 * values of the same type, resources for resources, instances with at least the exports that are asked for.
 */
export class Fitter {
  readonly #state: LinkState;
  readonly #declarer: Declarer;

  constructor(state: LinkState, declarer: Declarer) {
    this.#state = state;
    this.#declarer = declarer;
  }

  /** @throws InvalidModuleError when something else is given than what is wanted. */
  check(given: Linked, wanted: Wanted): void {
    const { extern, scope } = wanted;
    switch (extern.kind) {
      case "function":
        return checkFunction(given, signatureOf(scope.typeScope.types[extern.type]), wanted);
      case "type":
        return checkType(given, extern.equals === undefined ? undefined : scope.typeScope.types[extern.equals], wanted);
      case "instance": {
        const type = scope.typeScope.types[extern.type];
        if (type?.kind !== "instance") return decline("the type of an instance that is none");
        if (given.sort !== "instance") return misfit(wanted, "an instance", articled(given));
        return this.#checkExports(given.exports, type, wanted);
      }
      default:
        if (given.sort !== extern.kind) misfit(wanted, `a ${extern.kind}`, articled(given));
    }
  }

  /** Evaluates an instance's type with the types that are given for those that it leaves open. */
  #checkExports(given: LinkedExports, type: InstanceType, wanted: Wanted): void {
    if (wanted.path.length > linkDepth) tooLarge(`it has types of instances nested more than ${linkDepth} deep`);
    const parent = scopeOfType(type);
    const inner = new Scope(parent, parent.component);
    for (const item of type.items) {
      this.#state.count();
      switch (item.kind) {
        case "type":
          inner.add({ sort: "type", type: this.#declarer.type(item, inner) });
          break;
        case "alias":
          if (item.alias.target !== "core export" && item.alias.sort !== "core type") {
            inner.add(aliased(item.alias, inner));
          }
          break;
        case "export":
          inner.add(this.#checkExport(given, item, { wanted, inner }));
          break;
        default:
      }
    }
  }

  #checkExport(
    given: LinkedExports,
    { name, extern, at }: Extract<Item, { kind: "export" }>,
    { wanted, inner }: { wanted: Wanted; inner: Scope },
  ): Linked {
    const path = [...wanted.path, name];
    const found = given.get(name) ?? misfit({ ...wanted, path }, "an export", "nothing");
    if (extern !== undefined) this.check(found, { path, extern, scope: inner, at });
    return found;
  }
}

function checkFunction(given: Linked, wanted: WitFunction, place: Wanted): void {
  const found = given.sort === "function" ? given.function.signature : undefined;
  if (found === undefined) return misfit(place, formatFunction(wanted), articled(given));
  if (!isSameFunction(found, wanted)) misfit(place, formatFunction(wanted), formatFunction(found));
}

function isSameFunction(a: WitFunction, b: WitFunction): boolean {
  const names = (func: WitFunction): string => func.params.map((param) => param.name).join(" ");
  return takesTheSame(a, b) && names(a) === names(b) && isSameType(a.result, b.result);
}

/** `wanted` is undefined where any resource will do. */
function checkType(given: Linked, wanted: TypeEntity | undefined, place: Wanted): void {
  if (given.sort !== "type") return misfit(place, "a type", articled(given));
  const found = given.type;
  if (wanted === undefined) {
    if (found.kind !== "resource") misfit(place, "a resource", described(found));
    return;
  }
  if (!isSameEntity(found, wanted)) misfit(place, described(wanted), described(found));
}

function isSameEntity(a: TypeEntity, b: TypeEntity): boolean {
  if (a.kind === "value") return b.kind === "value" && isSameType(a.type, b.type);
  if (a.kind === "resource") return b.kind === "resource" && a.identity === b.identity;
  if (a.kind !== "function") return a.kind === b.kind;
  return b.kind === "function" && isSameFunction({ name: "", ...a.type.signature }, { name: "", ...b.type.signature });
}

function described(type: TypeEntity): string {
  if (type.kind === "value") return `the type ${formatType(type.type)}`;
  return type.kind === "resource"
    ? "another resource"
    : `the type of ${type.kind === "instance" ? "an" : "a"} ${type.kind}`;
}

function articled({ sort }: Linked): string {
  return `${sort === "instance" ? "an" : "a"} ${sort}`;
}

function misfit({ path: [name = "", ...inside], at }: Wanted, wanted: string, given: string): never {
  const where = inside.length === 0 ? "" : ` whose "${inside.join(".")}" is`;
  const message = `the import "${name}",${where} ${wanted}, of a component inside is given ${given}`;
  throw new InvalidModuleError(message, at);
}
