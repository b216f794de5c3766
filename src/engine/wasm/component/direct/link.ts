import type { Value } from "../../../../core/values.ts";
import type { CanonicalCall } from "../../canonical/generate.seam.ts";
import { failInstantiation, InstanceState } from "../../instance-state.ts";
import { Meter } from "../../limits/meter.ts";
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
import { evaluateGlue, type MakeCore } from "./glue.seam.ts";
import { hostFunction, type HostCall } from "./host-functions.ts";

/** Links a component that this engine built. The glue is compiled once, here; each instance runs it. */
export function linkDirect(program: ComponentProgram, options: LinkOptions): LinkedWasm {
  const { artefact } = program;
  if (artefact.engine !== "direct") throw new Error(`${program.name}: an artefact of ${artefact.engine}`);
  const instantiate = evaluateGlue(artefact.source);
  const hosts = artefact.hostFunctions.map((wanted) => hostFunction(wanted, program.name, options));
  return {
    instantiate(imports: InstanceImports, { realm = plainRealm, onHostCall, onMeter }: InstantiateOptions = {}) {
      const meter = new Meter(program);
      onMeter?.(meter);
      try {
        const exports = instantiate(
          coreMaker(artefact, meter, realm),
          hosts.map((bind) => counted(bind(imports), onHostCall)),
          realm,
        );
        const lifted = exports.get(program.method);
        if (lifted === undefined) throw new Error(`${program.name}: the glue has no ${program.method}`);
        return new DirectInstance(program, lifted(), meter);
      } catch (thrown) {
        throw failInstantiation(meter, thrown, program);
      }
    },
  };
}

/** Makes core instances, each in the charge of its component's meter. */
function coreMaker({ modules, plans }: DirectArtefact, meter: Meter, realm: WasmRealm): MakeCore {
  return (name, imports) => {
    const [module, plan] = [modules[name], plans[name]];
    if (module === undefined || plan === undefined) throw new Error(`the artefact has no module ${name}`);
    const { exports } = new realm.Instance(module, meter.imports(plan, imports));
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

class DirectInstance implements WasmInstance {
  readonly #state: InstanceState;
  #method: CanonicalCall;

  constructor(program: ComponentProgram, method: CanonicalCall, meter: Meter) {
    this.#state = new InstanceState(program, meter);
    this.#method = method;
  }

  call(args: readonly Value[]): Value | Promise<Value> {
    this.#state.enter();
    let result: Value | Promise<Value>;
    try {
      result = this.#method(args);
    } catch (thrown) {
      throw this.#state.fail(thrown);
    }
    if (result instanceof Promise) return this.#settle(result);
    this.#state.leave();
    return result;
  }

  async #settle(pending: Promise<Value>): Promise<Value> {
    try {
      const result = await pending;
      this.#state.leave();
      return result;
    } catch (thrown) {
      throw this.#state.fail(thrown);
    }
  }

  usage(): InstanceUsage {
    return this.#state.usage();
  }

  [Symbol.dispose](): void {
    this.#state.dispose();
    this.#method = () => null;
  }
}
