import { WeftError } from "../../../core/errors.ts";
import { InvalidModuleError } from "../binary/invalid-module.ts";
import { compileModule } from "../compile.ts";
import { budgetOf, type LimitedModule, type ModulePlan, type WasmLimits } from "./plan.ts";
import { rewriteCached, type ModuleCache } from "./cache.ts";
import { beginsWithTooMuch, type RewriteOptions } from "./rewrite/rewrite.ts";

/** Whose modules are limited, and to what. */
export interface LimitOptions {
  /** The entry's id. */
  readonly name: string;
  readonly limits: WasmLimits;
  /** Where rewritten modules are kept; nowhere without it. */
  readonly cache?: ModuleCache | undefined;
}

/** Modules by the names that they were given by, each with its plan. Structured-clonable. */
export interface LimitedModules {
  readonly modules: Readonly<Record<string, WebAssembly.Module>>;
  readonly plans: Readonly<Record<string, ModulePlan>>;
}

/**
 * Rewrites and compiles a core module that is an instance by itself.
 * @throws InvalidModuleError when V8 refuses it.
 * @throws WeftError `MEMORY_EXCEEDED` when it begins with more than it may have.
 */
export function limitModule(
  bytes: Uint8Array,
  options: LimitOptions,
): { readonly module: WebAssembly.Module; readonly plan: ModulePlan } {
  const limited = rewriteCached(bytes, options, options.cache);
  return { module: compileLimited(limited, options), plan: limited.plan };
}

/**
 * Checks what all instances of a component begin with together. `instances` are the names of their modules.
 * @throws WeftError `MEMORY_EXCEEDED` when that is more than it may have.
 */
export function checkMinima(
  plans: LimitedModules["plans"],
  instances: readonly string[],
  { name, limits }: LimitOptions,
): void {
  const budget = budgetOf(limits);
  if (budget === undefined) return;
  const made = instances.flatMap((module) => plans[module]?.memories ?? []).filter(({ home }) => home !== "given");
  const pages = made.reduce((sum, { min }) => sum + min, 0);
  if (pages > budget) throw beginsWithTooMuch(name, `its ${instances.length} core instances begin`, { pages, budget });
}

/** Rewrites and compiles the core modules of one component. @throws like `limitModule`. */
export function limitModules(parts: Readonly<Record<string, Uint8Array>>, options: LimitOptions): LimitedModules {
  const names = Object.keys(parts);
  const shared = names.length > 1;
  const rewrite = (name: string, more: Partial<RewriteOptions>): LimitedModule =>
    rewriteCached(parts[name] ?? new Uint8Array(), { ...options, shared, ...more }, options.cache);
  const first = new Map(names.map((name) => [name, rewrite(name, {})]));
  const realSizes = [...first.values()].some((limited) => limited.resizesGiven);
  const modules: Record<string, WebAssembly.Module> = {};
  const plans: Record<string, ModulePlan> = {};
  for (const [name, limited] of first) {
    const isVirtual = limited.plan.memories.some(({ size }) => size !== "real");
    const chosen = realSizes && isVirtual ? rewrite(name, { realSizes }) : limited;
    modules[name] = compileLimited(chosen, options);
    plans[name] = chosen.plan;
  }
  return { modules, plans };
}

/** A module that V8 took before it was rewritten can only be too large now. */
function compileLimited({ bytes }: LimitedModule, { name }: LimitOptions): WebAssembly.Module {
  try {
    return compileModule(bytes);
  } catch (thrown) {
    if (!(thrown instanceof InvalidModuleError)) throw thrown;
    const message = `${name}: with its limits, the module is more than V8 takes: ${thrown.message}`;
    throw new WeftError("UNSUPPORTED", message, { cause: thrown });
  }
}
