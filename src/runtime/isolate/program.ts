import type { Value } from "../../core/values.ts";
import type { InterpreterName } from "../../engine/lua/state/interpreter.seam.ts";
import type { InstanceContext } from "../../hosts/context.ts";
import type { Placement } from "../../registry/placement.ts";
import type { EntryId } from "../../core/ids.ts";
import type { Pid } from "../../hosts/ports.ts";
import type { StraightCall } from "../../wit/values/straight.ts";
import type { Guard, Killable } from "./guard/guard.ts";

/** A linked program. */
export interface RunProgram {
  /**
   * Runs it once, on a pristine instance. A promise only when the guest waits. With `straight`, which only programs get
   * whose `Placed` takes it, `args` is empty.
   */
  (args: readonly Value[], instance: InstanceContext, straight?: StraightCall): Value | Promise<Value>;
  /** The same where every frame under it is in the guard's `Turns`, which those of the program then are, too. */
  readonly atBottom?: RunProgram;
  /** Ends the instances that wait for a call, because the entry was replaced; those in a call end with it. */
  readonly retire?: () => void;
}

/** What programs may use of the isolate they run in. */
export interface IsolateServices {
  /** Placements of this isolate, for Lua libraries. */
  find(id: EntryId): Placement | undefined;
  /** Stops guests that do not end by themselves. */
  readonly guard: Guard;
  /** How the process of a pid may be cut from outside; undefined for a function. */
  readonly killable: (pid: Pid) => Killable | undefined;
  readonly luaEngine: InterpreterName;
}

/** Turns placements of one program type into something that runs. Stated once per isolate. */
export interface ProgramType {
  /** Links a placement; called at most once per generation, when it is first needed. */
  link(placement: Placement): RunProgram;
  /** Gets ready for the first call while there is nothing else to do, until `isOver`. */
  warmUp?(isOver: () => boolean): void;
  /** Forgets everything made for an entry, because it was replaced or removed. */
  forget(id: EntryId): void;
  /** Ends what still runs, when the isolate ends before its thread does. */
  dispose?(): void;
}
