import { WeftError } from "../../../core/errors.ts";
import { InvalidModuleError } from "../binary/invalid-module.ts";
import { compileModule } from "../compile.ts";
import {
  budgetOf,
  largestMemory,
  pageBytes,
  type LimitedModule,
  type LimitedModules,
  type ModulePlan,
  type WasmLimits,
} from "./plan.ts";
import { rewriteCached, type ModuleCache } from "./cache.ts";
import { beginsWithTooMuch, type RewriteOptions } from "./rewrite/rewrite.ts";

/** Whose modules are limited, and to what. */
export interface LimitOptions {
  /** The entry's id. */
  readonly name: string;
  readonly limits: WasmLimits;
  /** Instances are put back after their calls, so it matters what that costs. */
  readonly pristine?: boolean | undefined;
  /** Where rewritten modules are kept; nowhere without it. */
  readonly cache?: ModuleCache | undefined;
}

/** A smaller memory is put back as a whole in no time. In bytes. */
const leastMarked = 4 * pageBytes;
/** Larger ones are made anew. */
const mostMarked = 256 * pageBytes;

/** Modules, and the same ones once more, made so that they mark what they write to. */
export interface MarkableModules extends LimitedModules {
  /** Undefined where nothing would be gained by that, or where it cannot be done. */
  readonly marking: LimitedModules | undefined;
}

/** A core module by itself, and the same once more, made so that it marks what it writes to. */
export interface MarkableModule {
  readonly module: WebAssembly.Module;
  readonly plan: ModulePlan;
  readonly marking: { readonly module: WebAssembly.Module; readonly plan: ModulePlan } | undefined;
}

/**
 * Rewrites and compiles a core module that is an instance by itself.
 * @throws InvalidModuleError when V8 refuses it.
 * @throws WeftError `MEMORY_EXCEEDED` when it begins with more than it may have.
 */
export function limitModule(bytes: Uint8Array, options: LimitOptions): MarkableModule {
  const limited = rewriteCached(bytes, options, options.cache);
  const made = { module: compileLimited(limited, options), plan: limited.plan };
  if (!isWorthMarking([limited], options)) return { ...made, marking: undefined };
  const marking = rewriteCached(bytes, { ...options, marks: true }, options.cache);
  const module = compileMarking(marking);
  return { ...made, marking: module && { module, plan: marking.plan } };
}

/** Whether instances of these modules can be put back, and better by what they wrote to than by all that they have. */
function isWorthMarking(limited: readonly LimitedModule[], { pristine }: LimitOptions): boolean {
  if (pristine !== true || limited.some(({ plan, writes }) => plan.resettable === undefined || writes === "unmarkable"))
    return false;
  const bytes = largestMemory(limited.map(({ plan }) => plan));
  return bytes >= leastMarked && bytes <= mostMarked && limited.some(({ writes }) => writes === "markable");
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
export function limitModules(parts: Readonly<Record<string, Uint8Array>>, options: LimitOptions): MarkableModules {
  const names = Object.keys(parts);
  const shared = names.length > 1;
  const rewrite = (name: string, more: Partial<RewriteOptions>): LimitedModule =>
    rewriteCached(parts[name] ?? new Uint8Array(), { ...options, shared, ...more }, options.cache);
  const first = new Map(names.map((name) => [name, rewrite(name, {})]));
  const realSizes = [...first.values()].some((limited) => limited.resizesGiven);
  const sizes = (limited: LimitedModule): Partial<RewriteOptions> =>
    realSizes && limited.plan.memories.some(({ size }) => size !== "real") ? { realSizes } : {};
  const made = names.map((name): Made => {
    const limited = first.get(name) ?? rewrite(name, {});
    const more = sizes(limited);
    const chosen = more.realSizes === true ? rewrite(name, more) : limited;
    return { name, limited: chosen, module: compileLimited(chosen, options), more };
  });
  const plain = made.map(({ limited }) => limited);
  if (!isWorthMarking(plain, options)) return { ...byName(made), marking: undefined };
  const marking: Made[] = [];
  for (const one of made) {
    if (one.limited.writes === "nothing") {
      marking.push(one);
      continue;
    }
    const limited = rewrite(one.name, { ...one.more, marks: true });
    const module = compileMarking(limited);
    if (module === undefined) return { ...byName(made), marking: undefined };
    marking.push({ ...one, limited, module });
  }
  return { ...byName(made), marking: byName(marking) };
}

/** A module of a component, compiled; `more` is what it was rewritten with beside what all are. */
interface Made {
  readonly name: string;
  readonly limited: LimitedModule;
  readonly module: WebAssembly.Module;
  readonly more: Partial<RewriteOptions>;
}

function byName(made: readonly Made[]): LimitedModules {
  return {
    modules: Object.fromEntries(made.map(({ name, module }) => [name, module])),
    plans: Object.fromEntries(made.map(({ name, limited }) => [name, limited.plan])),
  };
}

/** Marking makes functions larger: V8 may not take them any more, and then they are done without. */
function compileMarking({ bytes }: LimitedModule): WebAssembly.Module | undefined {
  try {
    return compileModule(bytes);
  } catch (thrown) {
    if (!(thrown instanceof InvalidModuleError)) throw thrown;
    return undefined;
  }
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
