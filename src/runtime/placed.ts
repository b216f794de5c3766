import { toValue, type Value } from "../core/values.ts";
import type { Placement } from "../registry/placement.ts";
import { compileArguments } from "../wit/values/arguments.ts";

/** An entry as a thread knows it. */
export class Placed {
  readonly placement: Placement;
  /** Its row in the slot table, or -1 for a pool without slots. */
  readonly row: number;
  #read: ((args: readonly unknown[]) => readonly Value[]) | undefined;

  constructor(placement: Placement, row: number) {
    this.placement = placement;
    this.row = row;
  }

  /**
   * Arguments from outside in canonical form: by the entry's signature, or as plain data where it has none.
   * @throws WeftError `INVALID_ARGUMENT` naming the place.
   */
  readArguments(args: readonly unknown[]): readonly Value[] {
    const { signature, id } = this.placement;
    if (signature === undefined) return args.map((argument, index) => toValue(argument, `argument ${index + 1}`));
    // Made once: a call must not look the signature up again.
    this.#read ??= compileArguments(signature, { id });
    return this.#read(args);
  }

  /** `readArguments`, but for what another entry passes, which is data already. */
  acceptArguments(args: readonly Value[], checked: boolean): readonly Value[] {
    return checked || this.placement.signature === undefined ? args : this.readArguments(args);
  }
}
