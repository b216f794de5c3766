import { channel } from "node:diagnostics_channel";
import type { Log } from "../../core/log.ts";
import type { Denial } from "../../hosts/security/gate.ts";

/** Refusals of all isolates are told here, on the main thread, as `Denial`s. */
export const denialChannel = "weft:security:denied";

const denials = channel(denialChannel);

/** Tells log and listeners that a program was refused something. */
export function auditDenial(log: Log, denial: Denial): void {
  const { action, resource, actor, policy, pid } = denial;
  log.warn("denied", { action, resource, actor, pid, ...(policy !== undefined && { policy }) });
  if (denials.hasSubscribers) denials.publish(denial);
}
