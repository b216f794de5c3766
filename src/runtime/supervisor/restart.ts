import { WeftError } from "../../core/errors.ts";
import type { RestartPolicy } from "../../registry/service.ts";

/** Kinds of failure that another try does not mend: the entry, its host or its rights are wrong. */
const hopeless = ["NotFound", "Invalid", "PermissionDenied", "Canceled"];

/**
 * Whether a service that failed may be started again: not when it was ended on purpose, nor when its own error says that
 * it is of no use. A trap or a limit is no such word.
 */
export function mayRestart(failure: unknown): boolean {
  if (!(failure instanceof WeftError)) return true;
  if (failure.code === "GUEST_ERROR") return failure.retryable !== false;
  return !hopeless.includes(failure.kind);
}

/** The wait before restart number `attempt` (from 1), in milliseconds. `random` is from 0 to 1. */
export function restartDelay(policy: RestartPolicy, attempt: number, random: number): number {
  // After a thousand attempts the factor is infinite, which times nothing is no number.
  const grown = policy.initialDelayMs === 0 ? 0 : policy.initialDelayMs * policy.backoffFactor ** (attempt - 1);
  const delay = Math.min(grown, policy.maxDelayMs);
  return Math.max(0, delay * (1 + policy.jitter * (2 * random - 1)));
}
