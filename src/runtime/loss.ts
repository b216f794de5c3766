import { WeftError } from "../core/errors.ts";
import type { IsolateLoss } from "./protocol.ts";

/** What a call is told when the isolate that ran it ended: it was to blame, or it happened to be there. */
export function lossError(loss: IsolateLoss, root: number): WeftError {
  if (loss.overrun?.root === root) return new WeftError("CALL_TIMEOUT", loss.overrun.message);
  return new WeftError("ISOLATE_LOST", "the isolate that ran this call was ended because of another call");
}
