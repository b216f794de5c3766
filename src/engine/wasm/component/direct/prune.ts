import { memberOf, type CoreTypes } from "./core-types.ts";
import type { CoreInstanceRef, CoreRef, LinkedOptions, LinkProgram, StepOf } from "./program.ts";

/** What of a program is used when one of its exports is all that is called. */
export interface Used {
  /** Steps that must be taken; the others lift functions that nobody calls. */
  readonly steps: ReadonlySet<number>;
  /** Exports of core modules, by module: V8 makes an object for each in every instance. */
  readonly exports: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Finds what is used. The program must have been checked. */
export function findUsed(program: LinkProgram, types: CoreTypes): Used {
  const finder = new Finder(program, types);
  for (const { destructor } of program.resources) finder.ref(destructor);
  for (const ref of program.exports.values()) if (ref.kind === "lift") finder.lift(ref.step);
  for (const [index, step] of program.steps.entries()) {
    if (step.kind === "lift") continue;
    finder.steps.add(index);
    if (step.kind === "instantiate") finder.instantiate(step);
    if (step.kind === "start" && step.function.kind === "lift") finder.lift(step.function.step);
    if (step.kind !== "lower") continue;
    finder.options(step.options);
    if (step.target.kind === "lift") finder.lift(step.target.step);
  }
  return finder;
}

class Finder {
  readonly steps = new Set<number>();
  readonly exports = new Map<string, Set<string>>();
  readonly #program: LinkProgram;
  readonly #types: CoreTypes;

  constructor(program: LinkProgram, types: CoreTypes) {
    this.#program = program;
    this.#types = types;
  }

  instantiate({ module, args }: StepOf<"instantiate">): void {
    const given = new Map<string, CoreInstanceRef>(args.map(({ name, from }) => [name, from]));
    for (const item of this.#types.importsOf(module)) {
      const from = given.get(item.module);
      this.ref(from && memberOf(from, item.name));
    }
  }

  lift(index: number): void {
    const step = this.#program.steps[index];
    if (step?.kind !== "lift") return;
    this.steps.add(index);
    this.ref(step.core);
    this.options(step.options);
  }

  options({ memory, realloc, postReturn }: LinkedOptions): void {
    for (const ref of [memory, realloc, postReturn]) this.ref(ref);
  }

  ref(ref: CoreRef | undefined): void {
    if (ref?.kind !== "export") return;
    const step = this.#program.steps[ref.instance];
    if (step?.kind !== "instantiate") return;
    const names = this.exports.get(step.module) ?? new Set();
    this.exports.set(step.module, names.add(ref.name));
  }
}
