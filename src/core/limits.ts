/** Bounds on one call. A missing field is no bound of the entry's own; app-wide caps still hold. */
export interface Limits {
  /** Wall-clock time of the execution, in milliseconds. */
  readonly executionMs?: number;
  /** Linear memory of the instance, in bytes. */
  readonly memoryBytes?: number;
  /** Bytes a guest may write to stdout and stderr together. */
  readonly outputBytes?: number;
  /** Depth of the guest's stack, in bytes (approximate). */
  readonly stackBytes?: number;
  /** Deterministic instruction budget. */
  readonly fuel?: number;
  /** Calls into the host. */
  readonly hostCalls?: number;
}

/** Both limits at once: of each, the tighter. */
export function tightest(a: Limits, b: Limits): Limits {
  const merged: { -readonly [Name in keyof Limits]: Limits[Name] } = { ...a };
  for (const name of limitNames) {
    const [own, other] = [a[name], b[name]];
    if (other !== undefined) merged[name] = own === undefined ? other : Math.min(own, other);
  }
  return merged;
}

const limitNames = ["executionMs", "memoryBytes", "outputBytes", "stackBytes", "fuel", "hostCalls"] as const;
