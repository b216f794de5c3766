import { monotonicMs } from "../../../core/clock.ts";
import type { Value } from "../../../core/values.ts";
import type {
  InstantiateOptions,
  InstanceImports,
  LinkedWasm,
  Resetting,
  WasmInstance,
} from "../../../engine/wasm/program.ts";
import type { InstanceContext } from "../../../hosts/context.ts";
import { keepsNothing } from "../../../hosts/keeps-nothing.ts";
import type { Pid } from "../../../hosts/ports.ts";
import type { StraightCall } from "../../../wit/values/straight.ts";
import type { Placement } from "../../../registry/placement.ts";
import { timeoutError } from "../executor.ts";
import { ScopeCut, type Killable } from "../guard/guard.ts";
import type { Turns } from "../guard/turn.ts";
import type { Watch } from "../guard/watch.ts";

/** What one instance is made with, and what must be disposed with it. */
export interface Bound extends Disposable {
  readonly imports: InstanceImports;
  readonly options?: InstantiateOptions;
  /** Nothing of a call that is over is left in the hosts. */
  isClean?(): boolean;
}

/** A guest's program in this isolate, and how its instances are bound and watched. */
export interface GuestProgram {
  readonly placement: Placement;
  readonly linked: LinkedWasm;
  bind(instance: InstanceContext): Bound;
  /** The watch over a new instance; `isBounded` says that a call of it may have a deadline. */
  watch(bound: Bound, isBounded: boolean): Watch;
  /** How the process of this pid may be cut from outside; undefined for a function. */
  killable(pid: Pid): Killable | undefined;
  readonly turns: Turns;
}

/** What a guest is called with: canonical arguments, or a call that brings its own. */
export interface GuestInput {
  readonly args: readonly Value[];
  readonly straight: StraightCall | undefined;
  /** Every frame on the stack is in `Turns`. */
  readonly atBottom?: boolean;
}

/** How an instance is used. */
export interface LiveOptions {
  /** It may be called again, or was made before its call: its calls may have deadlines that nobody knows yet. */
  readonly lives: boolean;
  /** Host calls are counted from the start. */
  readonly isCounted: boolean;
  /** It may be reset after its calls. Then its host calls are not counted. */
  readonly willReset?: boolean;
  /** It is to mark what it writes to, which makes resetting it cheaper. */
  readonly marks?: boolean;
}

/** One instance with the hosts bound for it, disposed together. */
export class LiveInstance implements Disposable {
  readonly #program: GuestProgram;
  readonly #context: InstanceContext;
  /** Undefined between two calls, where the next one is to have hosts of its own. */
  #bound: Bound | undefined;
  readonly #watch: Watch;
  readonly #isCounted: boolean;
  readonly #willReset: boolean;
  readonly #marks: boolean;
  /** It called a host that may keep something for it. */
  #isKept = false;
  #instance: WasmInstance | undefined;
  #meter: { end(how: { readonly reuse: boolean }): void } | undefined;

  /** Binds the hosts. `context` must be right for all calls: it is asked again and again. */
  constructor(program: GuestProgram, context: InstanceContext, { lives, isCounted, willReset, marks }: LiveOptions) {
    this.#program = program;
    this.#context = context;
    this.#isCounted = isCounted;
    const bound = program.bind(context);
    this.#bound = bound;
    this.#willReset = willReset === true;
    this.#marks = marks === true;
    const isProcess = program.placement.role === "process";
    this.#watch = program.watch(bound, lives || isProcess || context.call.deadline !== undefined);
  }

  /** Where the frames that call it are kept. */
  get turns(): Turns {
    return this.#program.turns;
  }

  /** Makes the instance ahead of its call, within `ms`. False when that takes a wait. @throws what making it throws. */
  prepare(ms: number): boolean {
    this.#watch.deadline = monotonicMs() + ms;
    const made = this.#program.linked.startsItself ? this.#watch.run(() => this.#make()) : this.#make();
    if (made instanceof Promise) {
      made.then(
        (late) => late[Symbol.dispose](),
        () => undefined,
      );
      return false;
    }
    return true;
  }

  /**
   * Makes the instance if this has not been done yet, and calls it.
   * @throws WeftError what the guest or its limits end the call with, or GuestExit; the instance is not good for another
   * call then.
   */
  call(input: GuestInput): Value | Promise<Value> {
    this.#watch.deadline = this.#context.call.deadline ?? Infinity;
    this.#watch.killable = this.#program.killable(this.#context.pid);
    const work = (): Value | Promise<Value> => this.#run(input);
    return this.#program.turns.protect<Value | Promise<Value>>(
      () => {
        const result = input.atBottom === true ? this.#watch.runAtBottom(work) : this.#watch.run(work);
        if (!(result instanceof Promise)) return this.#succeed(result);
        return result.then(
          (value) => this.#succeed(value),
          (thrown: unknown) => this.#fail(thrown),
        );
      },
      (thrown) => this.#fail(thrown),
    );
  }

  /** How long its guest has run so far; undefined where that is all the time of its calls. */
  get busyMs(): number | undefined {
    return this.#watch.busyMs;
  }

  /** The linear memory that it holds. */
  get memoryBytes(): number {
    return this.#instance?.usage().peakMemoryBytes ?? 0;
  }

  /**
   * Ends what a call that came back has left with the hosts. False when the instance cannot be made as good as new, and
   * must be disposed of.
   */
  endCall(): boolean {
    const instance = this.#instance;
    if (!this.#willReset || instance === undefined || instance.canReset === false) return false;
    if (!this.#isKept) return true;
    if (this.#bound?.isClean?.() === true) {
      this.#isKept = false;
      return true;
    }
    if (instance.take === undefined) return false;
    this.#bound?.[Symbol.dispose]();
    this.#bound = undefined;
    return true;
  }

  /** Makes it as good as new after `endCall`. False when it must be disposed of instead. */
  reset(): boolean {
    if (this.#instance?.reset?.() !== true) return false;
    if (this.#bound !== undefined) return true;
    try {
      this.#bound = this.#program.bind(this.#context);
    } catch {
      // A new instance fails where somebody hears of it.
      return false;
    }
    this.#instance.take?.(this.#bound.imports);
    this.#isKept = false;
    return true;
  }

  [Symbol.dispose](): void {
    this.#watch.end();
    this.#instance?.[Symbol.dispose]();
    // Of an instance that was cut off while it was made, this is all there is.
    if (this.#instance === undefined) this.#meter?.end({ reuse: false });
    this.#instance = undefined;
    this.#bound?.[Symbol.dispose]();
  }

  #run(input: GuestInput): Value | Promise<Value> {
    if (this.#instance !== undefined) return callGuest(this.#instance, input);
    const made = this.#make();
    if (!(made instanceof Promise)) return callGuest(made, input);
    // The caller's values may change while the instance is made.
    const args = input.straight?.materialize() ?? input.args;
    return made.then((ready) => this.#watch.run(() => ready.call(args)));
  }

  #make(): WasmInstance | Promise<WasmInstance> {
    if (this.#bound === undefined) throw new Error("an instance is made whose hosts are gone");
    const made = this.#program.linked.instantiate(this.#bound.imports, {
      ...this.#bound.options,
      realm: this.#watch.realm,
      onMeter: (meter) => (this.#meter = meter),
      // Counting costs something on every call, so it is done only where somebody looks at the count.
      ...(this.#isCounted ? { onHostCall: () => this.#context.usage?.countHostCall() } : {}),
      ...(this.#willReset ? { resetting: this.#resetting() } : {}),
    });
    return made instanceof Promise ? made.then((ready) => this.#own(ready)) : this.#own(made);
  }

  #resetting(): Resetting {
    const { randomSeed } = this.#context;
    return {
      keepsNothing: (module, name) => keepsNothing({ randomSeed }, module, name),
      onKeeping: () => (this.#isKept = true),
      marks: this.#marks,
    };
  }

  #own(instance: WasmInstance): WasmInstance {
    this.#instance = instance;
    return instance;
  }

  #succeed(value: Value): Value {
    this.#noteUsage();
    return value;
  }

  #fail(thrown: unknown): never {
    this.#noteUsage();
    throw thrown instanceof ScopeCut ? timeoutError(this.#program.placement) : thrown;
  }

  #noteUsage(): void {
    const { usage } = this.#context;
    if (usage === undefined || this.#instance === undefined) return;
    const { peakMemoryBytes, fuelUsed } = this.#instance.usage();
    usage.note({ memoryBytes: peakMemoryBytes, ...(fuelUsed === undefined ? {} : { fuel: fuelUsed }) });
  }
}

function callGuest(instance: WasmInstance, { args, straight }: GuestInput): Value | Promise<Value> {
  if (straight === undefined) return instance.call(args);
  return instance.callStraight?.(straight) ?? instance.call(straight.materialize());
}
