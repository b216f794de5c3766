import { WeftError } from "../../core/errors.ts";
import { GuestExit } from "../../core/exit.ts";
import type { Meter } from "./limits/meter.ts";
import type { Pristine } from "./limits/pristine.ts";
import type { InstanceUsage } from "./program.ts";
import { translateTrap, type TrapSource } from "./traps.ts";

/** Numbers, because they are compared and set around every call. */
const ready = 0;
const busy = 1;
const broken = 2;
const disposed = 3;

/**
 * The life of one instance: one call at a time, and none after something was thrown out of the guest, because its
 * memory may then be in any state.
 */
export class InstanceState {
  readonly #source: TrapSource;
  readonly #meter: Meter | undefined;
  #state: typeof ready | typeof busy | typeof broken | typeof disposed = ready;
  /** What was thrown out of the guest. */
  #thrown: unknown;

  constructor(source: TrapSource, meter?: Meter) {
    this.#source = source;
    this.#meter = meter;
  }

  /** Before a call. @throws WeftError `INTERNAL` when the instance cannot take one. */
  enter(): void {
    if (this.#state !== ready) this.refuse();
    this.#state = busy;
    this.#meter?.enter();
  }

  /** After a call that came back. @throws WeftError `FUEL_EXHAUSTED` when it took more than it had all the same. */
  leave(): void {
    this.#meter?.leave();
    if (this.#state === busy) this.#state = ready;
  }

  /** After something was thrown out of the guest. Gives what to throw to the caller. */
  fail(thrown: unknown): WeftError | GuestExit {
    if (this.#state !== disposed) {
      this.#state = broken;
      this.#thrown = thrown;
    }
    const error = translateTrap(thrown, this.#source);
    return this.#meter?.explain(error) ?? error;
  }

  usage(): InstanceUsage {
    return this.#meter?.usage() ?? { peakMemoryBytes: 0 };
  }

  /** Puts the instance back to what it was when it was made. False when it must be disposed of instead. */
  reset(pristine: Pristine): boolean {
    return this.#state === ready && this.#meter !== undefined && pristine.restore(this.#meter);
  }

  /** A guest in a call that has not come back may still run, so its memory is not given to another. */
  dispose(): void {
    const reuse = this.#state === ready;
    this.#state = disposed;
    this.#meter?.end({ reuse });
  }

  /** @throws WeftError `INTERNAL` always: why the instance cannot take a call. */
  refuse(): never {
    throw this.#refusal();
  }

  #refusal(): WeftError {
    const { name } = this.#source;
    if (this.#state === busy) return new WeftError("INTERNAL", `${name}: the instance is in a call already`);
    if (this.#state === broken) {
      const reason = this.#thrown instanceof GuestExit ? "exited" : "failed in an earlier call";
      return new WeftError("INTERNAL", `${name}: the instance ${reason} and cannot be called again`, {
        cause: this.#thrown,
      });
    }
    return new WeftError("INTERNAL", `${name}: the instance is disposed`);
  }
}

/** Ends an instance that could not be made. Gives what to throw for what its making ended with. */
export function failInstantiation(meter: Meter, thrown: unknown, source: TrapSource): WeftError | GuestExit {
  const error = meter.explain(translateTrap(thrown, source));
  meter.end({ reuse: false });
  return error;
}
