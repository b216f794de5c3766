import type { WitFunction, WitType } from "../../../../wit/types.ts";
import type { Item } from "./tree.ts";

/** The signature of a function; its name is that of the import or export. */
export interface FunctionType {
  readonly signature: Omit<WitFunction, "name">;
  readonly isAsync: boolean;
}

/** What an index of the type space means. */
export type TypeEntity =
  /** `parts` and `depth` measure the type written out, names followed. */
  | { readonly kind: "value"; readonly type: WitType; readonly parts: number; readonly depth: number }
  | { readonly kind: "function"; readonly type: FunctionType }
  /** `identity` is the same for all names of one resource. */
  | { readonly kind: "resource"; readonly name: string | undefined; readonly identity: object }
  /** The type of an instance or component, evaluated for each use, because each use has resources of its own. */
  | { readonly kind: "instance" | "component"; readonly items: readonly Item[]; readonly scope: Scope };

/** What an index space holds, or an import or export is. */
export type Entity =
  | { readonly sort: "type"; readonly type: TypeEntity }
  | { readonly sort: "function"; readonly type: FunctionType }
  | { readonly sort: "instance"; readonly exports: Exports }
  | { readonly sort: "component"; readonly items: readonly Item[]; readonly scope: Scope }
  | { readonly sort: "core module" | "value" };

export type Exports = ReadonlyMap<string, Entity>;

/** The index spaces of one component, or of one component or instance type, while it is read. */
export class Scope {
  readonly parent: Scope | undefined;
  readonly types: TypeEntity[] = [];
  readonly functions: FunctionType[] = [];
  readonly instances: Exports[] = [];
  readonly components: { readonly items: readonly Item[]; readonly scope: Scope }[] = [];

  constructor(parent: Scope | undefined) {
    this.parent = parent;
  }

  add(entity: Entity): void {
    switch (entity.sort) {
      case "type":
        this.types.push(entity.type);
        return;
      case "function":
        this.functions.push(entity.type);
        return;
      case "instance":
        this.instances.push(entity.exports);
        return;
      case "component":
        this.components.push(entity);
        return;
      default:
      // Modules and values have no part in types.
    }
  }

  /** The entity at an index of a space; undefined when there is none. */
  get(sort: string, index: number): Entity | undefined {
    switch (sort) {
      case "type":
        return wrap(this.types[index], (type) => ({ sort: "type", type }));
      case "function":
        return wrap(this.functions[index], (type) => ({ sort: "function", type }));
      case "instance":
        return wrap(this.instances[index], (exports) => ({ sort: "instance", exports }));
      case "component":
        return wrap(this.components[index], ({ items, scope }) => ({ sort: "component", items, scope }));
      case "core module":
      case "value":
        return { sort };
      default:
        return undefined;
    }
  }
}

function wrap<T>(value: T | undefined, make: (value: T) => Entity): Entity | undefined {
  return value === undefined ? undefined : make(value);
}
