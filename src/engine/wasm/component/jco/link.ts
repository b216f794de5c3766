import type { Value } from "../../../../core/values.ts";
import type { WitFunction } from "../../../../wit/types.ts";
import { failInstantiation, InstanceState } from "../../instance-state.ts";
import { Meter } from "../../limits/meter.ts";
import type { LimitedModules } from "../../limits/plan.ts";
import {
  plainRealm,
  type ComponentProgram,
  type InstanceImports,
  type InstanceUsage,
  type InstantiateOptions,
  type LinkedWasm,
  type LinkOptions,
  type WasmInstance,
  type WasmRealm,
} from "../../program.ts";
import { nameInvalidValue } from "./errors.ts";
import { errorPayload, evaluateGlue, findExport, type JcoFunction } from "./glue.seam.ts";
import { importsOf } from "./imports.ts";
import { fromJco, resultValue, toJco } from "./values.seam.ts";

/** Links a component that jco transpiled. The glue is evaluated once, here; each instance runs it. */
export function linkJco(program: ComponentProgram, options: LinkOptions): LinkedWasm {
  const { artefact } = program;
  if (artefact.engine !== "jco") throw new Error(`${program.name}: an artefact of ${artefact.engine}`);
  const { source, modules, plans } = artefact;
  const glue = evaluateGlue(source);
  const provide = importsOf(program, options);
  const values = convertersOf(program.signature);
  const instantiateCore = coreMaker(modules, plans);
  const getModule = (name: string): WebAssembly.Module => {
    const module = modules[name];
    if (module === undefined) throw new Error(`${program.name}: the artefact has no module ${name}`);
    return module;
  };
  return {
    startsItself: true,
    instantiate(imports: InstanceImports, { realm = plainRealm, onHostCall, onMeter }: InstantiateOptions = {}) {
      const meter = new Meter(program);
      onMeter?.(meter);
      const fail = (thrown: unknown): never => {
        throw failInstantiation(meter, thrown, program);
      };
      const failure = new HostFailure();
      try {
        glue.enter(realm);
        const made = glue.instantiate(
          getModule,
          provide(imports, { failed: (thrown) => failure.report(thrown), ...(onHostCall && { onHostCall }) }),
          (module, given) => instantiateCore(module, given, { realm, meter }),
        );
        const wrap = (exports: object) => {
          const found = findExport(program, exports);
          const method: JcoFunction = (args) => {
            glue.enter(realm);
            return found(args);
          };
          return new JcoInstance({ program, method, values, failure, meter });
        };
        return made instanceof Promise ? made.then(wrap).catch(fail) : wrap(made);
      } catch (thrown) {
        return fail(thrown);
      }
    },
  };
}

/** Makes core instances, each in the charge of its component's meter. */
function coreMaker(modules: LimitedModules["modules"], plans: LimitedModules["plans"]) {
  const planOf = new Map(Object.entries(modules).map(([name, module]) => [module, plans[name]]));
  return (
    module: WebAssembly.Module,
    given: WebAssembly.Imports | undefined,
    { realm, meter }: { realm: WasmRealm; meter: Meter },
  ): WebAssembly.Instance => {
    const plan = planOf.get(module);
    if (plan === undefined) throw new Error("the glue instantiates a module that it was not given");
    const instance = new realm.Instance(module, meter.imports(plan, given));
    meter.attach(plan, instance.exports);
    return instance;
  };
}

/** The conversions of one signature. */
interface Converters {
  readonly lower: (args: readonly Value[]) => unknown[];
  readonly lift: (result: unknown) => Value;
  /** The canonical `{err}` of what jco threw; undefined when that was no `err` of the signature. */
  readonly liftError: (thrown: unknown) => Value | undefined;
}

function convertersOf({ params, result }: WitFunction): Converters {
  const lowerings = params.map((param) => toJco(param.type));
  const lower = (args: readonly Value[]) => lowerings.map((convert, index) => convert(args[index] ?? null));
  if (result === undefined) return { lower, lift: () => null, liftError: () => undefined };
  if (result.kind !== "result") return { lower, lift: fromJco(result), liftError: () => undefined };
  const [ok, err] = [resultValue(result, "ok"), resultValue(result, "err")];
  return {
    lower,
    lift: ok,
    liftError: (thrown) => {
      const found = errorPayload(thrown);
      return found && err(found.payload);
    },
  };
}

/**
 * The first thing a host threw into a suspending guest that was no `err`. It ends the call, but jco's glue leaves the
 * export's promise pending for ever then.
 */
class HostFailure {
  readonly #failed = Promise.withResolvers<never>();

  constructor() {
    // Most instances never fail, and those that do may have nobody waiting.
    this.#failed.promise.catch(() => undefined);
  }

  report(thrown: unknown): void {
    // The glue takes whatever has a payload for the `err` of the import.
    const isErr = typeof thrown === "object" && thrown !== null && Object.hasOwn(thrown, "payload");
    if (!isErr) this.#failed.reject(thrown);
  }

  /** The result, unless a host fails first. */
  race(result: Promise<unknown>): Promise<unknown> {
    return Promise.race([result, this.#failed.promise]);
  }
}

interface JcoInstanceParts {
  readonly program: ComponentProgram;
  readonly method: JcoFunction;
  readonly values: Converters;
  readonly failure: HostFailure;
  readonly meter: Meter;
}

class JcoInstance implements WasmInstance {
  readonly #state: InstanceState;
  readonly #values: Converters;
  readonly #program: string;
  readonly #failure: HostFailure;
  #method: JcoFunction;

  constructor({ program, method, values, failure, meter }: JcoInstanceParts) {
    this.#state = new InstanceState(program, meter);
    this.#method = method;
    this.#values = values;
    this.#program = program.name;
    this.#failure = failure;
  }

  call(args: readonly Value[]): Value | Promise<Value> {
    this.#state.enter();
    try {
      const result = this.#method(this.#values.lower(args));
      if (result instanceof Promise) return this.#settle(result);
      return this.#leave(result);
    } catch (thrown) {
      return this.#caught(thrown);
    }
  }

  async #settle(pending: Promise<unknown>): Promise<Value> {
    try {
      return this.#leave(await this.#failure.race(pending));
    } catch (thrown) {
      return this.#caught(thrown);
    }
  }

  #leave(result: unknown): Value {
    const value = this.#values.lift(result);
    this.#state.leave();
    return value;
  }

  #caught(thrown: unknown): Value {
    const outcome = this.#values.liftError(thrown);
    if (outcome === undefined) throw this.#state.fail(nameInvalidValue(thrown, this.#program));
    this.#state.leave();
    return outcome;
  }

  usage(): InstanceUsage {
    return this.#state.usage();
  }

  [Symbol.dispose](): void {
    this.#state.dispose();
    this.#method = () => undefined;
  }
}
