import type { WitFunction, WitType } from "../../../../wit/types.ts";
import type { CanonOptions } from "../../inspect/component/tree.ts";
import type { HostFunction } from "../../program.ts";

/** Something of the core part: an export of a core instance, or a function that a step made. */
export type CoreRef =
  | { readonly kind: "export"; readonly instance: number; readonly name: string }
  | { readonly kind: "made"; readonly step: number };

/** A core instance: one that a step makes, or a bundle of parts of others. */
export type CoreInstanceRef =
  | { readonly kind: "instance"; readonly step: number }
  | { readonly kind: "bundle"; readonly exports: ReadonlyMap<string, CoreRef> };

/** A function between components: lifted by a step, or of the host. */
export type FunctionRef =
  | { readonly kind: "lift"; readonly step: number; readonly signature: WitFunction }
  | { readonly kind: "host"; readonly index: number; readonly signature: WitFunction };

/** A value that exists once the component is instantiated: what a start function gave. */
export interface ValueRef {
  readonly step: number;
  readonly type: WitType;
}

/** How a function's values travel, with its parts found. */
export interface LinkedOptions {
  readonly encoding: CanonOptions["encoding"];
  readonly memory: CoreRef | undefined;
  readonly realloc: CoreRef | undefined;
  readonly postReturn: CoreRef | undefined;
}

/**
 * One thing to do for an instance, in order; `at` is where the binary says so. `component` counts component instances,
 * which have a handle table each.
 */
export type Step = { readonly at: number } & (
  | {
      readonly kind: "instantiate";
      readonly module: string;
      readonly args: readonly { readonly name: string; readonly from: CoreInstanceRef }[];
    }
  | {
      readonly kind: "lower";
      readonly component: number;
      readonly options: LinkedOptions;
      readonly target: FunctionRef;
    }
  | {
      readonly kind: "lift";
      readonly component: number;
      readonly options: LinkedOptions;
      readonly core: CoreRef;
      readonly signature: WitFunction;
    }
  | {
      readonly kind: "resource.new" | "resource.rep" | "resource.drop";
      readonly component: number;
      readonly resource: number;
    }
  | { readonly kind: "start"; readonly function: FunctionRef; readonly args: readonly ValueRef[] }
);

/** The steps of one kind. */
export type StepOf<K extends Step["kind"]> = Extract<Step, { kind: K }>;

/** A type of resources, of a component instance or of the host. */
export interface LinkedResource {
  readonly at: number;
  /** Undefined for the host's. */
  readonly owner: number | undefined;
  readonly destructor: CoreRef | undefined;
  /** How the host calls it; empty for a component's. */
  readonly host: { readonly interface: string; readonly name: string };
}

/** A component with every instantiation, alias and import followed: what is left to do, step by step. */
export interface LinkProgram {
  readonly steps: readonly Step[];
  /** Own and borrow types of all signatures name a resource by its index here. */
  readonly resources: readonly LinkedResource[];
  readonly components: number;
  readonly hostFunctions: readonly HostFunction[];
  /** What it exports, by lifted name. */
  readonly exports: ReadonlyMap<string, FunctionRef>;
  /** Where core modules lie in the binary, by name. */
  readonly modules: ReadonlyMap<string, { readonly start: number; readonly end: number }>;
}
