import { WeftError } from "../../core/errors.ts";
import { GuestExit } from "../../core/exit.ts";
import { translateTrap, type TrapSource } from "./traps.ts";

/**
 * The life of one instance: one call at a time, and none after something was thrown out of the guest, because its
 * memory may then be in any state.
 */
export class InstanceState {
  readonly #source: TrapSource;
  #state: "ready" | "busy" | "disposed" | { readonly broken: unknown } = "ready";

  constructor(source: TrapSource) {
    this.#source = source;
  }

  /** Before a call. @throws WeftError `INTERNAL` when the instance cannot take one. */
  enter(): void {
    if (this.#state === "ready") this.#state = "busy";
    else throw this.#refusal();
  }

  /** After a call that came back. */
  leave(): void {
    if (this.#state === "busy") this.#state = "ready";
  }

  /** After something was thrown out of the guest. Gives what to throw to the caller. */
  fail(thrown: unknown): WeftError | GuestExit {
    if (this.#state !== "disposed") this.#state = { broken: thrown };
    return translateTrap(thrown, this.#source);
  }

  dispose(): void {
    this.#state = "disposed";
  }

  #refusal(): WeftError {
    const { name } = this.#source;
    if (this.#state === "busy") return new WeftError("INTERNAL", `${name}: the instance is in a call already`);
    if (typeof this.#state === "object") {
      const { broken } = this.#state;
      const reason = broken instanceof GuestExit ? "exited" : "failed in an earlier call";
      return new WeftError("INTERNAL", `${name}: the instance ${reason} and cannot be called again`, { cause: broken });
    }
    return new WeftError("INTERNAL", `${name}: the instance is disposed`);
  }
}
