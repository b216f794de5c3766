import type { WitFunction } from "../../../../wit/types.ts";
import { formatFunction } from "../../../../wit/format.ts";
import { InvalidModuleError } from "../../binary/invalid-module.ts";
import { importNeedsOf, needsOf, shapeOf } from "../../canonical/layout.ts";
import { formatCoreType } from "../../core/check.ts";
import type { CoreFunctionType } from "../../program.ts";
import { memberOf, type CoreTypes } from "./core-types.ts";
import type { CoreRef, LinkedOptions, LinkProgram, StepOf } from "./program.ts";

/**
 * Checks that what steps take from each other is there, and of the types that they rely on: the generated code calls
 * core functions with what they should take, and JavaScript would not complain.
 * @throws InvalidModuleError
 */
export function checkProgram(program: LinkProgram, types: CoreTypes): void {
  const checker = new Checker(types);
  for (const step of program.steps) {
    if (step.kind === "instantiate") checker.instantiate(step);
    if (step.kind === "lift") checker.lift(step);
    if (step.kind === "lower") checker.options(step, step.target.signature, "lower");
    // Whoever could make handles of another's resources could forge them.
    if (step.kind === "resource.new" || step.kind === "resource.rep") {
      const owner = program.resources[step.resource]?.owner;
      if (owner !== step.component) invalid(`${step.kind} of a resource that the component does not define`, step.at);
    }
  }
  for (const { at, destructor } of program.resources) {
    if (destructor !== undefined)
      checker.expect("a destructor", destructor, { at, type: { params: ["i32"], results: [] } });
  }
}

const allocatorType: CoreFunctionType = { params: ["i32", "i32", "i32", "i32"], results: ["i32"] };

interface Expected {
  readonly at: number;
  readonly type: CoreFunctionType;
}

class Checker {
  readonly #types: CoreTypes;

  constructor(types: CoreTypes) {
    this.#types = types;
  }

  instantiate({ at, module, args }: StepOf<"instantiate">): void {
    for (const { module: from, name, extern } of this.#types.importsOf(module)) {
      const arg = args.find((item) => item.name === from);
      const given = arg && memberOf(arg.from, name);
      const found = given && this.#types.of(given);
      const what = `the import "${name}" of "${from}" of a core module`;
      if (found === undefined) return invalid(`nothing is given for ${what}`, at);
      if (found.kind !== extern.kind) return invalid(`${what} is a ${extern.kind}, and is given a ${found.kind}`, at);
      if (extern.kind === "function" && given !== undefined) this.expect(what, given, { at, type: extern.type });
    }
  }

  lift(step: StepOf<"lift">): void {
    const { at, core, signature, options } = step;
    const { params, results } = shapeOf(signature);
    const what = `the core function of ${formatFunction(signature)}`;
    this.expect(what, core, { at, type: { params, results } });
    this.options(step, signature, "lift");
    if (options.postReturn !== undefined) {
      this.expect("a post-return function", options.postReturn, { at, type: { params: results, results: [] } });
    }
  }

  options(
    { at, options }: { at: number; options: LinkedOptions },
    signature: WitFunction,
    how: "lift" | "lower",
  ): void {
    const text = formatFunction(signature);
    const needs = needsOf(signature);
    if (needs.memory && options.memory === undefined) invalid(`no memory is given for ${text}`, at);
    const allocates = how === "lift" ? needs.allocator : importNeedsOf(signature).allocator;
    if (allocates && options.realloc === undefined) invalid(`no allocator is given for ${text}`, at);
    if (options.realloc !== undefined) this.expect("an allocator", options.realloc, { at, type: allocatorType });
    if (options.memory !== undefined && this.#types.of(options.memory)?.kind !== "memory") {
      invalid(`the memory of ${text} is none`, at);
    }
  }

  /** Checks that a function exists and has a type. */
  expect(what: string, ref: CoreRef, { at, type }: Expected): void {
    const found = this.#types.of(ref);
    if (found?.kind !== "function") return invalid(`${what} does not exist, or is no function`, at);
    const [expected, actual] = [formatCoreType(type), formatCoreType(found.type)];
    if (expected !== actual) invalid(`${what} should be ${expected}, but is ${actual}`, at);
  }
}

function invalid(message: string, at: number): void {
  throw new InvalidModuleError(message, at);
}
