import { WeftError } from "../../../../core/errors.ts";
import type { Value } from "../../../../core/values.ts";
import { runStraight } from "../../canonical/straight.seam.ts";
import type { StraightCall } from "../../../../wit/values/straight.ts";
import { lazily, makeGate, type OpenGate, type Run } from "../../gated-call.seam.ts";
import { failInstantiation, InstanceState } from "../../instance-state.ts";
import { Meter } from "../../limits/meter.ts";
import { Pristine } from "../../limits/pristine.ts";
import {
  plainRealm,
  type ComponentProgram,
  type DirectArtefact,
  type InstanceImports,
  type InstanceUsage,
  type InstantiateOptions,
  type LinkedWasm,
  type LinkOptions,
  type WasmInstance,
  type WasmRealm,
} from "../../program.ts";
import { givenImport } from "../../missing-import.ts";
import { pascalCase, withoutVersion } from "../names.ts";
import { evaluateGlue, type MadeInstance, type MakeCore } from "./glue.seam.ts";
import type { HandleTable } from "./handle-table.ts";
import { hostFunction, type HostCall } from "./host-functions.ts";

/** Links a component that this engine built. The glue is compiled once, here; each instance runs it. */
export function linkDirect(program: ComponentProgram, options: LinkOptions): LinkedWasm {
  const { artefact } = program;
  if (artefact.engine !== "direct") throw new Error(`${program.name}: an artefact of ${artefact.engine}`);
  const instantiate = evaluateGlue(artefact.source);
  const gate = makeGate();
  const hosts = artefact.hostFunctions.map((wanted) => ({
    bind: hostFunction(wanted, program.name, options),
    module: withoutVersion(wanted.interface),
    name: wanted.signature.name,
  }));
  const classes = artefact.hostClasses.map(({ interface: from, name }) => {
    const [module, key] = [withoutVersion(from), pascalCase(name)];
    return name === "" ? undefined : (given: InstanceImports) => givenImport(given, module, key);
  });
  const pristine = new Pristine();
  const plans = Object.values(artefact.plans);
  const startsItself = artefact.starts || plans.some(({ start }) => start);
  return {
    startsItself,
    resets: !startsItself && plans.every(({ resettable }) => resettable !== undefined),
    instantiate(
      imports: InstanceImports,
      { realm = plainRealm, onHostCall, onMeter, resetting }: InstantiateOptions = {},
    ) {
      const meter = new Meter(program);
      onMeter?.(meter);
      const fail = (thrown: unknown): never => {
        throw failInstantiation(meter, thrown, program);
      };
      try {
        const made = instantiate({
          core: coreMaker(artefact, meter, realm),
          host: hosts.map(({ bind, module, name }) => {
            const isHeard = resetting !== undefined && !resetting.keepsNothing(module, name);
            return counted(bind(imports), isHeard ? resetting.onKeeping : onHostCall);
          }),
          classes: classes.map((find) => find?.(imports)),
          realm,
        });
        if (resetting !== undefined && !(made instanceof Promise)) pristine.take(meter);
        const charge = { meter, gate, pristine };
        if (!(made instanceof Promise)) return new DirectInstance(program, made, charge);
        return made.then((ready) => new DirectInstance(program, ready, charge), fail);
      } catch (thrown) {
        return fail(thrown);
      }
    },
  };
}

/** Instances whose tables, memories or globals do not fit are found only here. */
function instantiateCore(
  realm: WasmRealm,
  module: WebAssembly.Module,
  imports: WebAssembly.Imports,
): WebAssembly.Exports {
  try {
    return new realm.Instance(module, imports).exports;
  } catch (thrown) {
    // By name, since it may be of another realm.
    if (!Error.isError(thrown) || thrown.name !== "LinkError") throw thrown;
    throw new WeftError("UNSUPPORTED", `its core modules do not fit together: ${thrown.message}`, { cause: thrown });
  }
}

/** Makes core instances, each in the charge of its component's meter. */
function coreMaker({ modules, plans }: DirectArtefact, meter: Meter, realm: WasmRealm): MakeCore {
  return (name, imports) => {
    const [module, plan] = [modules[name], plans[name]];
    if (module === undefined || plan === undefined) throw new Error(`the artefact has no module ${name}`);
    const exports = instantiateCore(realm, module, meter.imports(plan, imports));
    meter.attach(plan, exports);
    return exports;
  };
}

function counted(call: HostCall, onHostCall: (() => void) | undefined): HostCall {
  if (onHostCall === undefined) return call;
  return (args) => {
    onHostCall();
    return call(args);
  };
}

/** What an instance is held by. */
interface Charge {
  readonly meter: Meter;
  readonly gate: OpenGate;
  readonly pristine: Pristine;
}

class DirectInstance implements WasmInstance {
  readonly #state: InstanceState;
  readonly #pristine: Pristine;
  readonly #tables: readonly HandleTable[];
  callStraight: Run<StraightCall>;
  /** A field, since V8 puts a function that it finds there into the caller's loop. */
  call: Run<readonly Value[]>;

  constructor(program: ComponentProgram, { exports, parts, tables }: MadeInstance, { meter, gate, pristine }: Charge) {
    const lifted = exports.get(program.method);
    if (lifted === undefined) throw new Error(`${program.name}: the glue has no ${program.method}`);
    this.#state = new InstanceState(program, meter);
    this.#tables = tables;
    this.#pristine = pristine;
    const around = { state: this.#state, fail: (thrown: unknown) => this.#fail(thrown) };
    this.call = gate({ ...around, run: lifted() });
    this.callStraight = lazily(() => {
      const guest = parts.get(program.method)?.();
      const { suspending } = program.artefact;
      if (guest === undefined) return (call) => this.call(call.materialize());
      return gate({ ...around, run: (call) => runStraight(guest, call, suspending) });
    });
  }

  #fail(thrown: unknown): unknown {
    for (const table of this.#tables) table.end();
    return this.#state.fail(thrown);
  }

  reset(): boolean {
    return this.#tables.every((table) => table.isUnused) && this.#state.reset(this.#pristine);
  }

  usage(): InstanceUsage {
    return this.#state.usage();
  }

  [Symbol.dispose](): void {
    for (const table of this.#tables) table.end();
    this.#state.dispose();
    // Who still holds the instance does not hold the guest.
    this.call = this.callStraight = () => this.#state.refuse();
  }
}
