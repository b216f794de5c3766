import { WeftError } from "../core/errors.ts";
import type { Placement } from "../registry/placement.ts";
import type { IsolateLoss } from "./protocol.ts";

/** What a call is told when the isolate that ran it ended: it was to blame, or it happened to be there. */
export function lossError(loss: IsolateLoss, root: number): WeftError {
  if (loss.overrun?.root === root) return new WeftError("CALL_TIMEOUT", loss.overrun.message);
  return new WeftError("ISOLATE_LOST", "the isolate that ran this call was ended because of another call");
}

/** What the call to blame is told. */
export function overrunMessage(entry: Placement | undefined): string {
  const limit = entry?.limits.executionMs;
  const bound = limit === undefined ? "its deadline" : `its limit of ${limit} ms`;
  return `${entry?.id ?? "a guest"} ran past ${bound} and had to be stopped`;
}
