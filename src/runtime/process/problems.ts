import { WeftError } from "../../core/errors.ts";
import type { Pid } from "../../hosts/ports.ts";

/** There is nobody of this pid or name. */
export function notFound(dest: string): WeftError {
  return new WeftError("PROCESS_NOT_FOUND", `process not found: ${dest}`, { details: { target: dest } });
}

/** A letter too many waits for a process. */
export function mailboxFull(pid: Pid, limit: number): WeftError {
  return new WeftError("MAILBOX_FULL", `the mailbox of ${pid} is full: ${limit} letters wait in it`, {
    details: { target: pid, limit },
  });
}
