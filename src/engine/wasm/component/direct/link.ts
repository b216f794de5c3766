import { WeftError } from "../../../../core/errors.ts";
import type { Value } from "../../../../core/values.ts";
import { runStraight } from "../../canonical/straight.seam.ts";
import type { StraightCall } from "../../../../wit/values/straight.ts";
import { lazily, makeGate, type OpenGate, type Run } from "../../gated-call.seam.ts";
import { failInstantiation, InstanceState } from "../../instance-state.ts";
import { Meter } from "../../limits/meter.ts";
import { largestMemory, type LimitedModules } from "../../limits/plan.ts";
import { Pristine } from "../../limits/pristine.ts";
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
import { evaluateGlue, type MadeInstance, type MakeCore } from "./glue.seam.ts";
import { GivenHosts, wantedHosts } from "./given-hosts.ts";
import type { HandleTable } from "./handle-table.ts";

/** Links a component that this engine built. The glue is compiled once, here; each instance runs it. */
export function linkDirect(program: ComponentProgram, options: LinkOptions): LinkedWasm {
  const { artefact } = program;
  if (artefact.engine !== "direct") throw new Error(`${program.name}: an artefact of ${artefact.engine}`);
  const instantiate = evaluateGlue(artefact.source);
  const gate = makeGate();
  const wanted = wantedHosts(artefact, program.name, options);
  const pristine = new Pristine();
  const plans = Object.values(artefact.plans);
  const startsItself = artefact.starts || plans.some(({ start }) => start);
  return {
    startsItself,
    resets: !startsItself && plans.every(({ resettable }) => resettable !== undefined),
    marking: artefact.marking && { bytes: largestMemory(plans) },
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
        const hosts = new GivenHosts(wanted, imports, {
          ...(onHostCall && { onHostCall }),
          ...(resetting && { resetting }),
        });
        const made = instantiate({
          core: coreMaker((resetting?.marks === true ? artefact.marking : undefined) ?? artefact, meter, realm),
          host: hosts.functions,
          classes: hosts.classes,
          realm,
        });
        if (resetting !== undefined && !(made instanceof Promise)) pristine.take(meter);
        const charge = { meter, gate, pristine, hosts };
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
function coreMaker({ modules, plans }: LimitedModules, meter: Meter, realm: WasmRealm): MakeCore {
  return (name, imports) => {
    const [module, plan] = [modules[name], plans[name]];
    if (module === undefined || plan === undefined) throw new Error(`the artefact has no module ${name}`);
    const exports = instantiateCore(realm, module, meter.imports(plan, imports));
    meter.attach(plan, exports);
    return exports;
  };
}

/** What an instance is held by. */
interface Charge {
  readonly meter: Meter;
  readonly gate: OpenGate;
  readonly pristine: Pristine;
  readonly hosts: GivenHosts;
}

class DirectInstance implements WasmInstance {
  readonly #state: InstanceState;
  readonly #pristine: Pristine;
  readonly #tables: readonly HandleTable[];
  readonly #hosts: GivenHosts;
  callStraight: Run<StraightCall>;
  /** A field, since V8 puts a function that it finds there into the caller's loop. */
  call: Run<readonly Value[]>;

  constructor(
    program: ComponentProgram,
    { exports, parts, tables }: MadeInstance,
    { meter, gate, pristine, hosts }: Charge,
  ) {
    const lifted = exports.get(program.method);
    if (lifted === undefined) throw new Error(`${program.name}: the glue has no ${program.method}`);
    this.#state = new InstanceState(program, meter);
    this.#tables = tables;
    this.#pristine = pristine;
    this.#hosts = hosts;
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

  get canReset(): boolean {
    return this.#tables.every((table) => table.isLeft);
  }

  reset(): boolean {
    if (!this.canReset || !this.#state.reset(this.#pristine)) return false;
    for (const table of this.#tables) table.reset();
    return true;
  }

  take(imports: InstanceImports): void {
    this.#hosts.give(imports);
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
