import { InvalidModuleError } from "../binary/invalid-module.ts";
import type { Sort } from "../inspect/component/tree.ts";
import type { ModuleType } from "./core/module.ts";
import { CoreTypeSpace, type CoreEntity, type CoreFunction, type CoreTypeIds } from "./core/types.ts";
import type {
  ComponentType,
  DefinedType,
  Extern,
  Externs,
  FunctionType,
  InstanceType,
  ResourceIdentity,
  ValueType,
} from "./types.ts";

/** What a scope imports or exports, and which types have a name by that. */
export interface NamedSide {
  readonly externs: Map<string, Extern>;
  readonly types: Set<DefinedType>;
  /** Instances whose types were looked at. */
  readonly instances: Set<Externs>;
}

/** The index spaces of one component, or of one component or instance type, while it is validated. */
export class Scope {
  readonly kind: "component" | "component type" | "instance type";
  readonly parent: Scope | undefined;
  readonly types: DefinedType[] = [];
  readonly functions: FunctionType[] = [];
  readonly instances: InstanceType[] = [];
  readonly components: ComponentType[] = [];
  /** Each value must be used just once. */
  readonly values: { readonly type: ValueType; isUsed: boolean }[] = [];
  readonly coreTypes: CoreTypeSpace;
  /** Types of modules, by their index among the core types. */
  readonly moduleTypes = new Map<number, ModuleType>();
  readonly modules: ModuleType[] = [];
  readonly coreInstances: ReadonlyMap<string, CoreEntity>[] = [];
  readonly coreFunctions: CoreFunction[] = [];
  readonly core = {
    table: new Array<CoreEntity>(),
    memory: new Array<CoreEntity>(),
    global: new Array<CoreEntity>(),
    tag: new Array<CoreEntity>(),
  };
  readonly imported: NamedSide = { externs: new Map(), types: new Set(), instances: new Set() };
  readonly exported: NamedSide = { externs: new Map(), types: new Set(), instances: new Set() };
  /** Resources that imports ask for, those that come to be here, and those of them that are represented here. */
  readonly takes: ResourceIdentity[] = [];
  readonly defines = new Set<ResourceIdentity>();
  readonly local = new Set<ResourceIdentity>();

  constructor(kind: Scope["kind"], parent: Scope | undefined, ids: CoreTypeIds) {
    this.kind = kind;
    this.parent = parent;
    this.coreTypes = new CoreTypeSpace(ids);
  }

  add(extern: Extern): void {
    switch (extern.sort) {
      case "core module":
        this.modules.push(extern.type);
        return;
      case "function":
        this.functions.push(extern.type);
        return;
      case "value":
        this.values.push({ type: extern.type, isUsed: false });
        return;
      case "type":
        this.types.push(extern.type);
        return;
      case "instance":
        this.instances.push(extern.type);
        return;
      case "component":
        this.components.push(extern.type);
    }
  }

  /** What stands at an index, to be given or exported. A value is used up by it. */
  take(sort: Sort, index: number, at: number): Extern {
    const found = this.#find(sort, index);
    if (found === undefined)
      throw new InvalidModuleError(`${sort} ${index} does not exist, or is of a sort that cannot be given`, at);
    if (sort === "value") this.useValue(index, at);
    return found;
  }

  useValue(index: number, at: number): ValueType {
    const value = this.values[index];
    if (value === undefined) throw new InvalidModuleError(`value ${index} does not exist`, at);
    if (value.isUsed) throw new InvalidModuleError(`value ${index} is used twice`, at);
    value.isUsed = true;
    return value.type;
  }

  #find(sort: Sort, index: number): Extern | undefined {
    switch (sort) {
      case "core module": {
        const type = this.modules[index];
        return type && { sort, type };
      }
      case "function": {
        const type = this.functions[index];
        return type && { sort, type };
      }
      case "value": {
        const value = this.values[index];
        return value && { sort, type: value.type };
      }
      case "type": {
        const type = this.types[index];
        return type && { sort, type, of: type };
      }
      case "instance": {
        const type = this.instances[index];
        return type && { sort, type };
      }
      case "component": {
        const type = this.components[index];
        return type && { sort, type };
      }
      default:
        return undefined;
    }
  }

  exportsOf(index: number, at: number): Externs {
    const instance = this.instances[index];
    if (instance === undefined) throw new InvalidModuleError(`instance ${index} does not exist`, at);
    return instance.exports;
  }

  /** Something of a core index space. */
  coreEntity(sort: Sort, index: number, at: number): CoreEntity {
    const found = this.#coreEntity(sort.replace(/^core /, ""), index);
    if (found === undefined)
      throw new InvalidModuleError(`${sort} ${index} does not exist, or is of a sort that has no place here`, at);
    return found;
  }

  #coreEntity(sort: string, index: number): CoreEntity | undefined {
    if (sort === "table" || sort === "memory" || sort === "global" || sort === "tag") return this.core[sort][index];
    const type = sort === "function" ? this.coreFunctions[index] : undefined;
    return type && { kind: "function", type };
  }

  addCore(entity: CoreEntity): void {
    if (entity.kind === "function") this.coreFunctions.push(entity.type);
    else this.core[entity.kind].push(entity);
  }
}
