import type { HttpRequest } from "../core/http.ts";
import { toValue, type Value } from "../core/values.ts";
import type { Placement, PoolSpec } from "../registry/placement.ts";
import type { StraightCall } from "../wit/values/straight.ts";
import { compileArguments } from "../wit/values/arguments.ts";
import { pools } from "./pools/index.ts";
import type { ToIsolate } from "./protocol.ts";

/** An entry as a thread knows it. */
export class Placed {
  readonly placement: Placement;
  /** Its number among the entries of the runtime. */
  readonly index: number;
  /** Counts what was placed in this runtime: a later placement of the entry has a higher one. */
  readonly generation: number;
  /** Its row in the slot table: the index, or -1 for a pool without slots. */
  readonly row: number;
  #read: ((args: readonly unknown[]) => readonly Value[]) | undefined;

  constructor(placement: Placement, { index, generation }: { readonly index: number; readonly generation: number }) {
    this.placement = placement;
    this.index = index;
    this.generation = generation;
    this.row = hasSlots(placement.pool) ? index : -1;
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

  /** Whether a call can hand its values straight to an instance of its own here: one that fails harms no other call. */
  takesStraight({ form }: StraightCall): boolean {
    const { program, signature, pool } = this.placement;
    if (form.signature !== signature || pool.state === "kept" || pool.workerClass !== undefined) return false;
    if (this.placement.wasi.variables !== undefined) return false;
    return program.type === "core"
      ? !program.stateless
      : program.type === "component" && program.artefact.engine === "direct";
  }

  /** `readArguments`, but for what another entry passes, which is data already. */
  acceptArguments(args: readonly Value[], checked: boolean, request?: HttpRequest): readonly Value[] {
    const { signature, transport } = this.placement;
    const areInRequest = request !== undefined && transport !== undefined && args.length === 0;
    return checked || signature === undefined || areInRequest ? args : this.readArguments(args);
  }
}

/** Whether calls need a slot. An inline function of a worker class does too, since it cannot run where its caller is. */
function hasSlots(pool: PoolSpec): boolean {
  return pools[pool.type].slotsAtStart(pool) !== undefined || pool.workerClass !== undefined;
}

/** How an isolate is told of it. */
export function placeMessage({ placement, index, generation }: Placed): ToIsolate {
  return { type: "place", index, generation, placement };
}
