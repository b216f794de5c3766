import { formatFunction } from "../../../wit/format.ts";
import type { WitFunction } from "../../../wit/types.ts";
import { InvalidModuleError } from "../binary/invalid-module.ts";
import { importNeedsOf, importShapeOf, needsOf, shapeOf } from "../canonical/layout.ts";
import type { Canon, CanonOptions } from "../inspect/component/tree.ts";
import { isSameCoreFunction } from "./core/match.ts";
import { formatCoreFunction, type CoreFunction, type CoreTypeIds } from "./core/types.ts";
import type { Scope } from "./scope.ts";
import type { FunctionType, ResourceType } from "./types.ts";

/** Checks canonical definitions of one scope, and adds what they make. */
export class CanonChecker {
  readonly #scope: Scope;
  readonly #ids: CoreTypeIds;
  readonly #at: number;

  constructor(scope: Scope, ids: CoreTypeIds, at: number) {
    this.#scope = scope;
    this.#ids = ids;
    this.#at = at;
  }

  define(canon: Canon): void {
    const { coreFunctions, functions } = this.#scope;
    switch (canon.kind) {
      case "lift":
        functions.push(this.#lift(canon));
        return;
      case "lower":
        coreFunctions.push(this.#lower(canon));
        return;
      case "resource.new":
      case "resource.rep":
      case "resource.drop": {
        const { identity } = this.#resource(canon.resource);
        if (canon.kind !== "resource.drop" && !this.#scope.local.has(identity)) {
          this.#fail(`${canon.kind} of a resource that the component does not define`);
        }
        coreFunctions.push(this.#ids.function(["i32"], canon.kind === "resource.drop" ? [] : ["i32"]));
        return;
      }
      case "builtin":
        // Only asynchronous components have them, which are not validated here.
        return;
    }
  }

  #lift({ core, options, type }: Extract<Canon, { kind: "lift" }>): FunctionType {
    const found = this.#scope.types[type];
    if (found?.kind !== "function") return this.#fail(`type ${type} is not the type of a function`);
    const { params, results } = shapeOf(found.wit);
    this.expect(`the core function of ${formatFunction(found.wit)}`, core, [params, results]);
    this.#options(options, found.wit, needsOf(found.wit));
    if (options.postReturn !== undefined) this.expect("a post-return function", options.postReturn, [results, []]);
    return found;
  }

  #lower({ function: index, options }: Extract<Canon, { kind: "lower" }>): CoreFunction {
    const found = this.#scope.functions[index];
    if (found === undefined) return this.#fail(`function ${index} does not exist`);
    this.#options(options, found.wit, importNeedsOf(found.wit));
    if (options.postReturn !== undefined) this.#fail("a lowered function with a post-return function");
    const { params, results } = importShapeOf(found.wit);
    return this.#ids.function(params, results);
  }

  #options(
    { memory, realloc, callback }: CanonOptions,
    signature: WitFunction,
    needs: { readonly memory: boolean; readonly allocator: boolean },
  ): void {
    const text = formatFunction(signature);
    if (callback !== undefined) this.#fail("a callback of a function that is not asynchronous");
    if (needs.memory && memory === undefined) this.#fail(`no memory is given for ${text}`);
    if (needs.allocator && realloc === undefined) this.#fail(`no allocator is given for ${text}`);
    if (realloc !== undefined && memory === undefined) this.#fail(`an allocator without a memory is given for ${text}`);
    if (realloc !== undefined) this.expect("an allocator", realloc, [["i32", "i32", "i32", "i32"], ["i32"]]);
    if (memory === undefined) return;
    const found = this.#scope.core.memory[memory];
    if (found?.kind !== "memory") return this.#fail(`the memory of ${text} is none`);
    if (found.limits.wide) this.#fail(`the memory of ${text} has addresses of 64 bits`);
    if (found.limits.shared) this.#fail(`the memory of ${text} is shared`);
  }

  #resource(index: number): ResourceType {
    const found = this.#scope.types[index];
    return found?.kind === "resource" ? found : this.#fail(`type ${index} is not a resource`);
  }

  /** Checks that a core function exists and has a type. */
  expect(what: string, index: number, [params, results]: readonly [readonly string[], readonly string[]]): void {
    const found = this.#scope.coreFunctions[index];
    if (found === undefined) return this.#fail(`${what} does not exist, or is no function`);
    const wanted = this.#ids.function(params, results);
    if (isSameCoreFunction(found, wanted)) return;
    this.#fail(`${what} should be ${formatCoreFunction(wanted)}, but is ${formatCoreFunction(found)}`);
  }

  #fail(message: string): never {
    throw new InvalidModuleError(message, this.#at);
  }
}
