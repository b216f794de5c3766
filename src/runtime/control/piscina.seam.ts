import type { MessagePort } from "node:worker_threads";
import type { Piscina } from "piscina";

/**
 * Runs a task that takes a port along. Piscina's declared transfer list follows an overload of `postMessage` that it
 * does not use; at run time it wants, and checks for, an array.
 */
export function runWithPort<Task, Result>(pool: Piscina<Task, Result>, task: Task, port: MessagePort): Promise<Result> {
  return pool.run(task, { transferList: [port] } as unknown as Parameters<typeof pool.run>[1]);
}
