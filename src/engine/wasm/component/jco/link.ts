import type { Value } from "../../../../core/values.ts";
import type { WitFunction } from "../../../../wit/types.ts";
import { InstanceState } from "../../instance-state.ts";
import {
  plainRealm,
  type ComponentProgram,
  type InstanceImports,
  type InstantiateOptions,
  type LinkedWasm,
  type LinkOptions,
  type WasmInstance,
} from "../../program.ts";
import { translateTrap } from "../../traps.ts";
import { nameInvalidValue } from "./errors.ts";
import { errorPayload, evaluateGlue, findExport, type JcoFunction } from "./glue.seam.ts";
import { importsOf } from "./imports.ts";
import { fromJco, resultValue, toJco } from "./values.seam.ts";

/** Links a component that jco transpiled. The glue is evaluated once, here; each instance runs it. */
export function linkJco(program: ComponentProgram, options: LinkOptions): LinkedWasm {
  const { source, modules } = program.artefact;
  const glue = evaluateGlue(source);
  const provide = importsOf(program, options);
  const values = convertersOf(program.signature);
  const getModule = (name: string): WebAssembly.Module => {
    const module = modules[name];
    if (module === undefined) throw new Error(`${program.name}: the artefact has no module ${name}`);
    return module;
  };
  return {
    instantiate(imports: InstanceImports, { realm = plainRealm, onHostCall }: InstantiateOptions = {}) {
      const fail = (thrown: unknown): never => {
        throw translateTrap(thrown, program);
      };
      const failure = new HostFailure();
      try {
        glue.enter(realm);
        const made = glue.instantiate(
          getModule,
          provide(imports, { failed: (thrown) => failure.report(thrown), ...(onHostCall && { onHostCall }) }),
          (module, given) => new realm.Instance(module, given),
        );
        const wrap = (exports: object) => {
          const found = findExport(program, exports);
          const method: JcoFunction = (args) => {
            glue.enter(realm);
            return found(args);
          };
          return new JcoInstance({ program, method, values, failure });
        };
        return made instanceof Promise ? made.then(wrap).catch(fail) : wrap(made);
      } catch (thrown) {
        return fail(thrown);
      }
    },
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
  return {
    lower,
    lift: (value) => resultValue(result, "ok", value),
    liftError: (thrown) => {
      const found = errorPayload(thrown);
      return found && resultValue(result, "err", found.payload);
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
    if (errorPayload(thrown) === undefined) this.#failed.reject(thrown);
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
}

class JcoInstance implements WasmInstance {
  readonly #state: InstanceState;
  readonly #values: Converters;
  readonly #program: string;
  readonly #failure: HostFailure;
  #method: JcoFunction;

  constructor({ program, method, values, failure }: JcoInstanceParts) {
    this.#state = new InstanceState(program);
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

  [Symbol.dispose](): void {
    this.#state.dispose();
    this.#method = () => undefined;
  }
}
