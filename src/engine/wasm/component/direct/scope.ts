import { Scope as TypeScope, type TypeEntity } from "../../inspect/component/entities.ts";
import type { Item, SortIndex } from "../../inspect/component/tree.ts";
import { decline } from "./declined.ts";
import type { CoreInstanceRef, CoreRef, FunctionRef, ValueRef } from "./program.ts";

/** What an index of a component's spaces means once linked. */
export type Linked =
  | { readonly sort: "function"; readonly function: FunctionRef }
  | { readonly sort: "type"; readonly type: TypeEntity }
  | { readonly sort: "instance"; readonly exports: LinkedExports }
  | { readonly sort: "component"; readonly items: readonly Item[]; readonly scope: Scope }
  | { readonly sort: "core module"; readonly module: string }
  | { readonly sort: "value"; readonly value: ValueRef };

export type LinkedExports = ReadonlyMap<string, Linked>;

const scopes = new WeakMap<TypeScope, Scope>();

/** The scope that a type was written in. */
export function scopeOfType(type: Extract<TypeEntity, { kind: "instance" | "component" }>): Scope {
  return scopes.get(type.scope) ?? decline("a type from nowhere");
}

/** The index spaces of one component instance, or of an instance type, while it is linked. */
export class Scope {
  readonly parent: Scope | undefined;
  /** Which component instance this is: the number of its handle table. */
  readonly component: number;
  /** Shared with the reader's type builder. */
  readonly typeScope: TypeScope;
  readonly functions: Linked[] = [];
  readonly instances: Linked[] = [];
  readonly components: Linked[] = [];
  readonly modules: Linked[] = [];
  readonly values: Linked[] = [];
  readonly coreInstances: CoreInstanceRef[] = [];
  readonly core = {
    function: new Array<CoreRef>(),
    table: new Array<CoreRef>(),
    memory: new Array<CoreRef>(),
    global: new Array<CoreRef>(),
    tag: new Array<CoreRef>(),
  };

  constructor(parent: Scope | undefined, component: number) {
    this.parent = parent;
    this.component = component;
    this.typeScope = new TypeScope(parent?.typeScope);
    scopes.set(this.typeScope, this);
  }

  add(entity: Linked): void {
    switch (entity.sort) {
      case "function":
        this.functions.push(entity);
        return;
      case "type":
        this.typeScope.types.push(entity.type);
        return;
      case "instance":
        this.instances.push(entity);
        return;
      case "component":
        this.components.push(entity);
        return;
      case "core module":
        this.modules.push(entity);
        return;
      case "value":
        this.values.push(entity);
    }
  }

  get(sort: string, index: number): Linked {
    const found = this.#find(sort, index);
    return found ?? decline(`${sort} ${index} is not there, or of a sort that is not linked`);
  }

  #find(sort: string, index: number): Linked | undefined {
    switch (sort) {
      case "function":
        return this.functions[index];
      case "type": {
        const type = this.typeScope.types[index];
        return type && { sort, type };
      }
      case "instance":
        return this.instances[index];
      case "component":
        return this.components[index];
      case "core module":
        return this.modules[index];
      case "value":
        return this.values[index];
      default:
        return undefined;
    }
  }

  coreRef(sort: string, index: number): CoreRef {
    const found = isCoreSort(sort) ? this.core[sort][index] : undefined;
    return found ?? decline(`core ${sort} ${index} is not there, or of a sort that is not linked`);
  }

  /** The exports of the instance at an index. */
  exportsOf(index: number): LinkedExports {
    const instance = this.get("instance", index);
    return instance.sort === "instance" ? instance.exports : decline("an instance that is none");
  }

  collect(items: readonly SortIndex[]): Map<string, Linked> {
    return new Map(items.map(({ name, sort, index }) => [name, this.get(sort, index)]));
  }
}

/** Sorts of core definitions that instances have. */
export function isCoreSort(sort: string): sort is keyof Scope["core"] {
  return ["function", "table", "memory", "global", "tag"].includes(sort);
}
