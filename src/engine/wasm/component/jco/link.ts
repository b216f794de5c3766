import type { Value } from "../../../../core/values.ts";
import type { WitFunction } from "../../../../wit/types.ts";
import { InstanceState } from "../../instance-state.ts";
import type { ComponentProgram, InstanceImports, LinkedWasm, LinkOptions, WasmInstance } from "../../program.ts";
import { translateTrap } from "../../traps.ts";
import { nameInvalidValue } from "./errors.ts";
import { errorPayload, evaluateGlue, findExport, type JcoFunction } from "./glue.seam.ts";
import { importsOf } from "./imports.ts";
import { fromJco, resultValue, toJco } from "./values.seam.ts";

/** Links a component that jco transpiled. The glue is evaluated once, here; each instance runs it. */
export function linkJco(program: ComponentProgram, options: LinkOptions): LinkedWasm {
  const { source, modules } = program.artefact;
  const instantiate = evaluateGlue(source);
  const provide = importsOf(program, options);
  const values = convertersOf(program.signature);
  const getModule = (name: string): WebAssembly.Module => {
    const module = modules[name];
    if (module === undefined) throw new Error(`${program.name}: the artefact has no module ${name}`);
    return module;
  };
  return {
    instantiate(imports: InstanceImports) {
      const fail = (thrown: unknown): never => {
        throw translateTrap(thrown, program);
      };
      try {
        const made = instantiate(
          getModule,
          provide(imports),
          (module, given) => new WebAssembly.Instance(module, given),
        );
        const wrap = (exports: object) => new JcoInstance(program, findExport(program, exports), values);
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

class JcoInstance implements WasmInstance {
  readonly #state: InstanceState;
  readonly #values: Converters;
  readonly #program: string;
  #method: JcoFunction;

  constructor(program: ComponentProgram, method: JcoFunction, values: Converters) {
    this.#state = new InstanceState(program);
    this.#method = method;
    this.#values = values;
    this.#program = program.name;
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
      return this.#leave(await pending);
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
