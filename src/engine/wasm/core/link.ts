import { GuestExit } from "../../../core/exit.ts";
import type { Value } from "../../../core/values.ts";
import { generateCall } from "../canonical/generate.seam.ts";
import { GuestMemory } from "../canonical/guest-memory.ts";
import { runStraight } from "../canonical/straight.seam.ts";
import type { WitFunction } from "../../../wit/types.ts";
import type { StraightCall } from "../../../wit/values/straight.ts";
import { lazily, makeGate, type OpenGate, type Run } from "../gated-call.seam.ts";
import { failInstantiation, InstanceState } from "../instance-state.ts";
import { Meter } from "../limits/meter.ts";
import { largestMemory } from "../limits/plan.ts";
import { Pristine } from "../limits/pristine.ts";
import {
  plainRealm,
  type CoreProgram,
  type InstanceImports,
  type InstantiateOptions,
  type InstanceUsage,
  type LinkedWasm,
  type LinkOptions,
  type PackedAbi,
  type WasmInstance,
  type WasmRealm,
} from "../program.ts";
import { instantiateModule, type CoreExports } from "./imports.seam.ts";
import { givenImport } from "../missing-import.ts";
import { carriedBy } from "../uncatchable.ts";
import { packedCall } from "./packed.ts";
import { partsOf } from "./guest-parts.ts";
import { plainCall } from "./plain-call.ts";

type Guest = (...args: never[]) => unknown;

/** The method of one instance. */
interface BoundMethod {
  /** Checks what needs no guest, so that a wrong argument does not cost the instance. */
  readonly check?: (args: readonly Value[]) => readonly Value[];
  readonly run: Run<readonly Value[]>;
  /** A call that lowers and lifts by itself; undefined without a signature. */
  readonly straight?: Run<StraightCall>;
}

/** Links a core program in this isolate. */
export function linkCore(program: CoreProgram, options: LinkOptions = {}): LinkedWasm {
  const gate = makeGate();
  const pristine = new Pristine();
  const startsItself = program.plan.start || program.opening !== undefined;
  return {
    startsItself,
    resets: !startsItself && program.plan.resettable !== undefined,
    marking: program.marking && { bytes: largestMemory([program.plan]) },
    instantiate(
      imports: InstanceImports,
      { suspending, realm = plainRealm, onMemory, onHostCall, onMeter, resetting }: InstantiateOptions = {},
    ) {
      const meter = new Meter(program);
      onMeter?.(meter);
      try {
        const marking = resetting?.marks === true ? program.marking : undefined;
        const exports = instantiateModule(marking === undefined ? program : { ...program, ...marking }, imports, {
          ...options,
          realm,
          meter,
          suspending,
          ...(onHostCall && { onHostCall }),
          ...(resetting && { resetting }),
        });
        const memory = exports.memory(program.abi.memory);
        if (memory !== undefined) onMemory?.(memory);
        exports.start();
        const waits = suspending === undefined || suspending.size === 0 ? undefined : realm;
        const started = open(program, exports, waits);
        const resets = resetting !== undefined && !isLentState(program, imports);
        if (resets) pristine.take(meter);
        const instance = new CoreInstance(program, {
          exports,
          meter,
          waits,
          gate,
          pristine: resets ? pristine : undefined,
        });
        if (started === undefined) return instance;
        const fail = (thrown: unknown): never => {
          throw failInstantiation(meter, thrown, program);
        };
        return started.then(() => instance, fail);
      } catch (thrown) {
        throw failInstantiation(meter, thrown, program);
      }
    },
  };
}

/** Whether a memory, table or global of the module is one that others have, too. */
function isLentState(program: CoreProgram, given: InstanceImports): boolean {
  return program.imports.some(
    ({ module, name, extern }) => extern.kind !== "function" && givenImport(given, module, name) !== undefined,
  );
}

/** Runs the opening of a module, once. */
function open(
  { opening }: CoreProgram,
  exports: CoreExports,
  waits: WasmRealm | undefined,
): Promise<unknown> | undefined {
  const guest = opening && exports.function(opening);
  if (guest === undefined) return undefined;
  const run = bindCommand(waits === undefined ? guest : waits.promising(guest)).run([]);
  return run instanceof Promise ? run : undefined;
}

/** What an instance of a module is made of; `waits` is the realm of a guest that may suspend. */
interface CoreInstanceParts {
  readonly exports: CoreExports;
  readonly meter: Meter;
  readonly waits: WasmRealm | undefined;
  readonly gate: OpenGate;
  /** What it can be put back to. */
  readonly pristine: Pristine | undefined;
}

class CoreInstance implements WasmInstance {
  readonly #state: InstanceState;
  readonly #pristine: Pristine | undefined;
  /** A field, since V8 puts a function that it finds there into the caller's loop. */
  call: Run<readonly Value[]>;
  callStraight: Run<StraightCall>;

  constructor(program: CoreProgram, { exports, meter, waits, gate, pristine }: CoreInstanceParts) {
    this.#state = new InstanceState(program, meter);
    this.#pristine = pristine;
    const { check, run, straight } = bindMethod(program, exports, waits);
    const around = { state: this.#state, fail: (thrown: unknown) => this.#state.fail(thrown) };
    const checked = gate({ ...around, run });
    this.call = check === undefined ? checked : (args) => checked(check(args));
    this.callStraight =
      straight === undefined
        ? (call) => this.call(call.materialize())
        : lazily(() => gate({ ...around, run: straight }));
  }

  reset(): boolean {
    return this.#pristine !== undefined && this.#state.reset(this.#pristine);
  }

  usage(): InstanceUsage {
    return this.#state.usage();
  }

  [Symbol.dispose](): void {
    this.#state.dispose();
    // Who still holds the instance does not hold the guest.
    this.call = this.callStraight = () => this.#state.refuse();
  }
}

/** `waits` is the realm of a guest that may suspend. */
function bindMethod(program: CoreProgram, exports: CoreExports, waits: WasmRealm | undefined): BoundMethod {
  const direct = exports.function(program.method);
  if (direct === undefined) throw new Error(`${program.name}: the prepared module lost its export ${program.method}`);
  const guest = waits === undefined ? direct : waits.promising(direct);
  if (program.method === "_start") return bindCommand(guest);
  const { signature } = program;
  if (signature === undefined) return bindPlain(program, guest);
  if (program.packed !== undefined) return bindPacked(program.packed, signature, { program, exports, guest });
  const memory = new GuestMemory(partsOf(program, exports, waits));
  const suspending = waits !== undefined;
  const cleansUp = program.abi.free !== undefined || program.abi.postReturn !== undefined;
  const run = generateCall(signature, { suspending, cleansUp })(memory, guest);
  return { run, straight: (call) => runStraight({ memory, call: guest }, call, suspending) };
}

/** A command's result is its exit status; ending with another status than 0 is thrown on. */
function bindCommand(guest: Guest): BoundMethod {
  const finish = (trap: unknown): Value => {
    const thrown = carriedBy(trap);
    if (thrown instanceof GuestExit && thrown.status === 0) return 0;
    throw thrown;
  };
  const run = () => {
    try {
      const running = guest();
      return running instanceof Promise ? running.then(() => 0, finish) : 0;
    } catch (thrown) {
      return finish(thrown);
    }
  };
  return { run };
}

function bindPlain(program: CoreProgram, guest: Guest): BoundMethod {
  const { lower, lift } = plainCall(program);
  return {
    check: lower,
    run: (lowered) => {
      const result: unknown = Reflect.apply(guest, undefined, lowered);
      return result instanceof Promise ? result.then(lift) : lift(result);
    },
  };
}

function bindPacked(
  packed: PackedAbi,
  signature: WitFunction,
  { program, exports, guest }: { program: CoreProgram; exports: CoreExports; guest: Guest },
): BoundMethod {
  const [allocate, memory] = [exports.function(packed.allocate), exports.memory(program.abi.memory)];
  if (allocate === undefined || memory === undefined) throw new Error(`${program.name}: the module lost its memory`);
  return { run: packedCall(packed, signature, { allocate, memory, call: guest }) };
}
