import { Worker } from "node:worker_threads";
import { ToolError, type ToolFiles, type ToolOutcome, type ToolTask } from "./tool.ts";

/** The thread holds about 150 MB while it lives, and takes 0.2 s to be useful: long enough for a boot, no longer. */
const idleMs = 10_000;
/** A 12 MB component takes half a second; past this the thread hangs. */
const taskMs = 120_000;

/**
 * Runs jco in a thread of its own, one task at a time, because one panic of it poisons its thread. The thread is
 * kept while it behaves, replaced after any failure, and ends when idle; it never keeps the program alive.
 */
export class Toolchain implements AsyncDisposable {
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** @throws ToolError when jco refuses the input, or breaks on it. */
  run(task: ToolTask): Promise<ToolFiles> {
    const result = this.#last.then(() => this.#runNow(task));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #runNow(task: ToolTask): Promise<ToolFiles> {
    clearTimeout(this.#idle);
    const worker = (this.#worker ??= startWorker());
    worker.ref();
    const outcome = await exchange(worker, task);
    if (!outcome.ok) {
      await this.#end();
      throw new ToolError(outcome.message);
    }
    worker.unref();
    this.#idle = setTimeout(() => void this.#end(), idleMs).unref();
    return outcome.files;
  }

  async #end(): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  /** Ends the thread when its last task is done. A later task starts a new one. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
    await this.#end();
  }
}

/** The toolchain of this thread. */
export const toolchain = new Toolchain();

function startWorker(): Worker {
  const script = new URL("./tool-worker.ts", import.meta.url);
  // Compiled files have another ending, which the compiler does not put into addresses.
  if (!import.meta.url.endsWith(".ts")) script.pathname = script.pathname.replace(/ts$/, "js");
  // What jco prints when it panics belongs to nobody's terminal.
  const worker = new Worker(script, { stdout: true, stderr: true, env: {} });
  worker.unref();
  return worker;
}

/** Sends one task and waits for its outcome, for the thread's end, or for the time to be up. */
async function exchange(worker: Worker, task: ToolTask): Promise<ToolOutcome> {
  const { promise, resolve } = Promise.withResolvers<ToolOutcome>();
  const failed = (message: string) => resolve({ ok: false, message });
  const listeners = {
    message: (outcome: ToolOutcome) => resolve(outcome),
    error: (error: Error) => failed(`jco's thread failed: ${error.message}`),
    exit: () => failed("jco's thread ended unexpectedly"),
  };
  worker.on("message", listeners.message).on("error", listeners.error).on("exit", listeners.exit);
  const timer = setTimeout(failed, taskMs, `jco did not finish within ${taskMs / 1000} seconds`);
  try {
    worker.postMessage(task, []);
    return await promise;
  } finally {
    clearTimeout(timer);
    worker.off("message", listeners.message).off("error", listeners.error).off("exit", listeners.exit);
  }
}
