// Seam for autocannon, which has no types.
// @ts-expect-error: no declarations come with it
import autocannon from "autocannon";

/** What is sent, by how many connections, for how long. */
export interface Load {
  readonly url: string;
  readonly method: "POST";
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  /** Seconds. */
  readonly duration?: number;
  /** Requests, in place of seconds. */
  readonly amount?: number;
}

/** What came of it; latencies in milliseconds. */
export interface LoadResult {
  readonly requests: { readonly average: number; readonly total: number };
  readonly latency: { readonly p50: number; readonly p99: number; readonly p99_9: number };
  readonly errors: number;
  readonly timeouts: number;
  readonly non2xx: number;
}

/** Sends requests as fast as they are answered. */
export async function fire(load: Load): Promise<LoadResult> {
  return await (autocannon as (load: Load) => Promise<LoadResult>)(load);
}
