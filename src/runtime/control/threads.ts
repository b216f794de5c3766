import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { Piscina } from "piscina";
import { stackSizes } from "../../engine/wasm/limits/plan.ts";
import type { IsolateStart, SharedTables } from "../protocol.ts";
import { runWithPort } from "./piscina.seam.ts";

/**
 * V8 lets the room for young objects grow with the rate at which they are made, to 80 MB and more for each thread, and
 * keeps it when they are gone. With this much a call costs the same time, and an isolate under load is a third smaller.
 */
const maxYoungGenerationSizeMb = 16;
const stackSizeMb = stackSizes.thread / 1_048_576;

/** The name of the isolates that serve every entry without a `worker_class`. */
export const commonClass = "";

/** How many isolates a runtime has unless it is told: one a core. */
export function defaultIsolates(): number {
  return availableParallelism();
}

/** Below this a thread may not even start: the modules of an isolate and its first Lua state are some 30 MB. */
const leastHeapMb = 64;

function heapLimit({ heapBytes }: SharedTables): { readonly maxOldGenerationSizeMb?: number } {
  if (heapBytes === undefined) return {};
  return { maxOldGenerationSizeMb: Math.max(leastHeapMb, Math.floor(heapBytes / 1_048_576)) };
}

/**
 * A thread loads some hundred modules; from Node's compile cache that takes a quarter of the time, and a lost isolate is
 * back the sooner.
 */
function threadEnv(): NodeJS.ProcessEnv {
  return { NODE_COMPILE_CACHE: join(tmpdir(), "weft-compile-cache"), ...process.env };
}

/** The threads behind the isolates: one piscina per worker class, one lifelong task per thread. */
export class Threads {
  readonly #pools = new Map<string, Piscina<IsolateStart, void>>();
  readonly #shared: SharedTables;

  constructor(shared: SharedTables) {
    this.#shared = shared;
  }

  /** Makes the threads of a class; `start` then runs one isolate on each. */
  open(workerClass: string, threads: number): void {
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    this.#pools.set(
      workerClass,
      new Piscina<IsolateStart, void>({
        filename: new URL(`../isolate/main.${extension}`, import.meta.url).href,
        minThreads: threads,
        maxThreads: threads,
        concurrentTasksPerWorker: 1,
        // A thread between tasks must keep its event loop: timers and ports of guests live on it.
        atomics: "disabled",
        idleTimeout: Infinity,
        resourceLimits: { stackSizeMb, maxYoungGenerationSizeMb, ...heapLimit(this.#shared) },
        env: threadEnv(),
      }),
    );
  }

  /** Gives the threads of one class to another. */
  rename(from: string, to: string): void {
    const pool = this.#pools.get(from);
    this.#pools.delete(from);
    if (pool !== undefined) this.#pools.set(to, pool);
  }

  /** Starts an isolate on a free thread of its class. `ended` settles when the thread does, whatever the reason. */
  start(workerClass: string, isolate: number): { port: MessagePort; ended: Promise<unknown> } {
    const pool = this.#pools.get(workerClass);
    if (pool === undefined) throw new Error(`no threads were made for worker class "${workerClass}"`);
    const { port1, port2 } = new MessageChannel();
    const task: IsolateStart = { isolate, port: port2, shared: this.#shared };
    const ended = runWithPort(pool, task, port2).then(
      () => undefined,
      (error: unknown) => error,
    );
    return { port: port1, ended };
  }

  /** Ends one isolate's thread at once, spinning or not. Piscina puts a new thread in its place. */
  async terminate(threadId: number): Promise<void> {
    for (const pool of this.#pools.values()) {
      const thread = pool.threads.find((candidate) => candidate.threadId === threadId);
      if (thread !== undefined) await thread.terminate();
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.destroy()));
  }
}
