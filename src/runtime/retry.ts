import type { Cancellation } from "../core/cancellation.ts";
import type { ErrorKind } from "../core/error-codes.ts";
import { toWeftError, type WeftError } from "../core/errors.ts";
import type { RetryOptions } from "../registry/placement.ts";

/** Kinds that a second try cannot mend. */
const neverRetried: readonly ErrorKind[] = ["Invalid", "PermissionDenied", "Internal", "Canceled"];

/** Repeats failed work with growing delays, as long as its errors may be retried and nobody cancels. */
export async function runWithRetry<T>(
  options: RetryOptions,
  cancellation: Cancellation,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (thrown) {
      const error = toWeftError(thrown);
      if (attempt >= options.maxAttempts || !mayRetry(error, options)) throw error;
      await pause(delayMs(options, attempt), cancellation);
    }
  }
}

function mayRetry(error: WeftError, options: RetryOptions): boolean {
  if (error.retryable === false || options.skipKinds.includes(error.kind)) return false;
  return (
    options.retryKinds.includes(error.kind) || (options.retryKinds.length === 0 && !neverRetried.includes(error.kind))
  );
}

/** Exponential back-off; the jitter keeps callers that failed together from returning together. */
function delayMs(options: RetryOptions, attempt: number): number {
  const delay = Math.min(options.initialDelayMs * options.backoffFactor ** (attempt - 1), options.maxDelayMs);
  return delay * (1 + options.jitter * (2 * Math.random() - 1));
}

function pause(ms: number, cancellation: Cancellation): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const link = cancellation.onCancel((reason) => {
    clearTimeout(timer);
    reject(reason);
  });
  return promise.finally(() => link[Symbol.dispose]());
}
