import { WeftError } from "../../../../core/errors.ts";
import type { WitFunction } from "../../../../wit/types.ts";
import { TypeBuilder } from "../../inspect/component/build-type.ts";
import type { TypeEntity } from "../../inspect/component/entities.ts";
import type { ExternDescription, Item } from "../../inspect/component/tree.ts";
import { withoutVersion } from "../names.ts";
import { decline } from "./declined.ts";
import { aliased, named, type LinkState } from "./link-state.ts";
import { Scope, scopeOfType, type Linked, type LinkedExports } from "./scope.ts";

/** True for an imported function that may wait. */
export type IsSuspending = (interfaceName: string, functionName: string) => boolean;

/** Something that is known by its description only. */
export interface Declaration {
  readonly at: number;
  readonly extern: ExternDescription;
  readonly name: string;
  readonly scope: Scope;
  /** The interface that it is declared in; empty in the world. */
  readonly interface: string;
}

/** Gives what a component imports: functions and resources of the host. */
export class Declarer {
  readonly #state: LinkState;
  readonly #isSuspending: IsSuspending;

  constructor(state: LinkState, isSuspending: IsSuspending) {
    this.#state = state;
    this.#isSuspending = isSuspending;
  }

  /** What the host gives for an import. */
  declare({ at, extern, name, scope, interface: inside }: Declaration): Linked {
    switch (extern.kind) {
      case "function": {
        const signature = { ...signatureOf(scope.typeScope.types[extern.type]), name };
        const suspending = this.#isSuspending(withoutVersion(inside), name);
        const index = this.#state.hostFunctions.push({ interface: inside, signature, suspending }) - 1;
        return { sort: "function", function: { kind: "host", index, signature } };
      }
      case "type": {
        if (extern.equals !== undefined) return scope.get("type", extern.equals);
        const host = { interface: inside, name };
        return { sort: "type", type: this.#state.resource({ at, owner: undefined, destructor: undefined, host }) };
      }
      case "instance": {
        const type = scope.typeScope.types[extern.type];
        if (type?.kind !== "instance") return decline("the type of an instance that is none");
        return { sort: "instance", exports: this.#declareInstance(type.items, scopeOfType(type), name) };
      }
      default:
        return cannotGive(extern.kind, name);
    }
  }

  /** Evaluates an instance's type, whose parent is the scope that it was written in. */
  #declareInstance(items: readonly Item[], parent: Scope, name: string): LinkedExports {
    const inner = new Scope(parent, parent.component);
    const exports = new Map<string, Linked>();
    for (const item of items) {
      this.#state.count();
      switch (item.kind) {
        case "type":
          inner.add({ sort: "type", type: this.type(item, inner) });
          break;
        case "alias":
          if (item.alias.target !== "core export" && item.alias.sort !== "core type") {
            inner.add(aliased(item.alias, inner));
          }
          break;
        case "export": {
          const { extern, at } = item;
          if (extern === undefined) return decline("an export without a type");
          const entity = this.declare({ at, extern, name: item.name, scope: inner, interface: name });
          inner.add(named(entity, item.name));
          exports.set(item.name, named(entity, item.name));
          break;
        }
        default:
          if (item.kind !== "core type") decline(`a ${item.kind} in the type of an instance`);
      }
    }
    return exports;
  }

  type({ type, at }: Extract<Item, { kind: "type" }>, scope: Scope): TypeEntity {
    switch (type.kind) {
      case "function":
        return { kind: "function", type: new TypeBuilder(scope.typeScope, at).function(type) };
      case "component":
      case "instance":
        return { kind: type.kind, items: type.items, scope: scope.typeScope };
      case "resource":
        return this.#state.resource({
          at,
          owner: scope.component,
          destructor: type.destructor === undefined ? undefined : scope.coreRef("function", type.destructor),
          host: { interface: "", name: "" },
        });
      default:
        return new TypeBuilder(scope.typeScope, at).value(type);
    }
  }
}

/** @throws WeftError `UNSUPPORTED`: there is no engine in which somebody outside could give this. */
function cannotGive(kind: string, name: string): never {
  throw new WeftError(
    "UNSUPPORTED",
    `this component imports the ${kind} "${name}", and entries can be given functions, interfaces and resources only: ` +
      `compose it with what it imports before it is deployed`,
  );
}

/** The signature that a type stands for. */
export function signatureOf(type: TypeEntity | undefined): WitFunction {
  if (type?.kind !== "function") return decline("the type of a function that is none");
  const { isAsync, signature } = type.type;
  return isAsync ? decline("it uses async functions") : { name: "", ...signature };
}
