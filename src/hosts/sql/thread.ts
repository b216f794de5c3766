import { Worker } from "node:worker_threads";
import { WeftError } from "../../core/errors.ts";
import type { SqlMessage, SqlReply, SqlSetup, SqlTask, SqlValue } from "./messages.ts";
import { PassingMap } from "../../core/passing.ts";

interface Waiting {
  readonly resolve: (value: SqlValue) => void;
  readonly reject: (error: WeftError) => void;
}

/** The thread that holds a database: sqlite makes whoever calls it wait. It starts with the first task. */
export class DatabaseThread implements AsyncDisposable {
  readonly #setup: SqlSetup;
  readonly #waiting = new PassingMap<number, Waiting>();
  #worker: Worker | undefined;
  #lastId = 0;

  constructor(setup: SqlSetup) {
    this.#setup = setup;
  }

  /** @throws WeftError `SQL_FAILED`, `SQL_CONSTRAINT`, `SQL_BUSY`. */
  ask(task: SqlTask): Promise<SqlValue> {
    const id = (this.#lastId += 1);
    const { promise, resolve, reject } = Promise.withResolvers<SqlValue>();
    this.#waiting.set(id, { resolve, reject });
    this.#worker ??= this.#start();
    // The app lives while somebody waits, and not for the sake of an idle thread.
    this.#worker.ref();
    const message: SqlMessage = { id, task };
    this.#worker.postMessage(message, []);
    return promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const worker = this.#worker;
    this.#failAll("the database is closed");
    await worker?.terminate();
  }

  #start(): Worker {
    const script = new URL("./worker.seam.ts", import.meta.url);
    // Compiled files have another ending, which the compiler does not put into addresses.
    if (!import.meta.url.endsWith(".ts")) script.pathname = script.pathname.replace(/ts$/, "js");
    const worker = new Worker(script, { workerData: this.#setup, env: {} });
    worker.on("message", (reply: SqlReply) => this.#settle(reply));
    worker.on("error", (error) => this.#failAll(`the database's thread failed: ${String(error)}`, worker));
    worker.on("exit", () => this.#failAll("the database's thread ended", worker));
    return worker;
  }

  #settle(reply: SqlReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) this.#worker?.unref();
    if ("value" in reply) waiting?.resolve(reply.value);
    else waiting?.reject(new WeftError(reply.problem.code, reply.problem.message));
  }

  #failAll(message: string, worker = this.#worker): void {
    if (worker !== this.#worker) return;
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) {
      reject(new WeftError("SQL_FAILED", message, { kind: "Unavailable", retryable: true }));
    }
    this.#waiting.clear();
  }
}
