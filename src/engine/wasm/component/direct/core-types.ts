import { importShapeOf } from "../../canonical/layout.ts";
import type { CoreInfo } from "../../inspect/core.ts";
import type { CoreExtern, CoreFunctionType } from "../../program.ts";
import type { CoreInstanceRef, CoreRef, LinkProgram } from "./program.ts";

/** What something of the core part is: functions with their types. */
export type CoreKind =
  | { readonly kind: "function"; readonly type: CoreFunctionType }
  | { readonly kind: Exclude<CoreExtern["kind"], "function"> };

const handleToHandle: CoreFunctionType = { params: ["i32"], results: ["i32"] };

/** Types of everything that a program's steps give each other. */
export class CoreTypes {
  readonly #program: LinkProgram;
  readonly #exports = new Map<string, ReadonlyMap<string, CoreKind>>();
  readonly #modules: ReadonlyMap<string, CoreInfo>;

  constructor(program: LinkProgram, modules: ReadonlyMap<string, CoreInfo>) {
    this.#program = program;
    this.#modules = modules;
    for (const [name, info] of modules) {
      const kinds = info.exports.map((item): [string, CoreKind] => {
        return [
          item.name,
          item.type === undefined ? { kind: notFunction(item.kind) } : { kind: "function", type: item.type },
        ];
      });
      this.#exports.set(name, new Map(kinds));
    }
  }

  importsOf(module: string): CoreInfo["imports"] {
    return this.#modules.get(module)?.imports ?? [];
  }

  /** Undefined for what does not exist. */
  of(ref: CoreRef): CoreKind | undefined {
    if (ref.kind === "export") {
      const step = this.#program.steps[ref.instance];
      return step?.kind === "instantiate" ? this.#exports.get(step.module)?.get(ref.name) : undefined;
    }
    const step = this.#program.steps[ref.step];
    switch (step?.kind) {
      case "lower":
        return { kind: "function", type: importShapeOf(step.target.signature) };
      case "resource.new":
      case "resource.rep":
        return { kind: "function", type: handleToHandle };
      case "resource.drop":
        return { kind: "function", type: { params: ["i32"], results: [] } };
      default:
        return undefined;
    }
  }
}

/** An export of a core instance. */
export function memberOf(ref: CoreInstanceRef, name: string): CoreRef | undefined {
  return ref.kind === "instance" ? { kind: "export", instance: ref.step, name } : ref.exports.get(name);
}

function notFunction(kind: WebAssembly.ExportKind): Exclude<CoreExtern["kind"], "function"> {
  return kind === "function" ? "global" : kind;
}
