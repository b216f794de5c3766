import { WeftError } from "./errors.ts";
import type { EntryId } from "./ids.ts";

/**
 * Thrown for a call that has not begun, because nothing is under its id, or no longer. What comes from another thread is
 * never one: whoever catches it may call something else in its place.
 */
export class EntryGone extends WeftError {
  constructor(code: "ENTRY_NOT_FOUND" | "POOL_CLOSED", id: EntryId, message: string) {
    super(code, message, { details: { target: id } });
  }
}
