import type { WitFunction, WitType } from "../../../wit/types.ts";
import { InvalidModuleError } from "../binary/invalid-module.ts";
import type { ModuleType } from "./core/module.ts";

/** The type of values. Each name that an import or export gives it makes another object of it. */
export interface ValueType {
  readonly kind: "value";
  /** What tells it from types with the same parts: its kind, and names of fields, cases and flags. */
  readonly head: string;
  readonly parts: readonly ValueType[];
  /** What an own or borrow type has handles to. */
  readonly resource: ResourceType | undefined;
  /** For messages and layouts. */
  readonly wit: WitType;
  /** Size and nesting, written out. */
  readonly size: number;
  readonly depth: number;
  /** Whether resources are in it, and borrowed ones. */
  readonly hasResources: boolean;
  readonly hasBorrows: boolean;
}

/** One resource has many types, one for each of its names. */
export interface ResourceType {
  readonly kind: "resource";
  readonly identity: ResourceIdentity;
}

/** What makes a resource itself. */
export interface ResourceIdentity {
  readonly name: string;
}

export interface FunctionType {
  readonly kind: "function";
  readonly params: readonly { readonly name: string; readonly type: ValueType }[];
  readonly result: ValueType | undefined;
  readonly isAsync: boolean;
  readonly wit: WitFunction;
}

export interface InstanceType {
  readonly kind: "instance";
  readonly exports: Externs;
  /** The resources that it brings: others for each instance. */
  readonly defines: readonly ResourceIdentity[];
  /** Instances and components inside each other. */
  readonly depth: number;
}

export interface ComponentType {
  readonly kind: "component";
  readonly imports: Externs;
  readonly exports: Externs;
  /** The resources that it asks for, and that it brings. */
  readonly takes: readonly ResourceIdentity[];
  readonly defines: readonly ResourceIdentity[];
  readonly depth: number;
}

/** What an index of the type space means. */
export type DefinedType = ValueType | ResourceType | FunctionType | InstanceType | ComponentType;

/** What an import, an export, or an index of another space is. */
export type Extern =
  | { readonly sort: "core module"; readonly type: ModuleType }
  | { readonly sort: "function"; readonly type: FunctionType }
  | { readonly sort: "value"; readonly type: ValueType }
  /** `of` is the type that `type` is another name of. */
  | { readonly sort: "type"; readonly type: DefinedType; readonly of: DefinedType }
  | { readonly sort: "instance"; readonly type: InstanceType }
  | { readonly sort: "component"; readonly type: ComponentType };

export type Externs = ReadonlyMap<string, Extern>;

/** The same type under another name. */
export function renamed(type: DefinedType): DefinedType {
  return { ...type };
}

/** Types of instances and components inside each other; real ones are 3 deep. Whoever follows types counts on it. */
const nesting = 64;

/** The depth of a type that imports and exports these. @throws InvalidModuleError when it is nested too deep. */
export function nestedDepth(externs: readonly Externs[], at: number): number {
  let most = 0;
  for (const extern of externs.flatMap((side) => [...side.values()])) {
    const { type } = extern;
    if ("depth" in type && type.kind !== "value") most = Math.max(most, type.depth);
  }
  if (most >= nesting) throw new InvalidModuleError(`types of instances nested more than ${nesting} deep`, at);
  return most + 1;
}
