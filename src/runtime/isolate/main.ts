import { threadId } from "node:worker_threads";
import { memoryPool } from "../../engine/wasm/limits/memory-pool.ts";
import { portLink } from "../link.ts";
import type { FromIsolate, IsolateStart, ToIsolate } from "../protocol.ts";
import { Isolate } from "./isolate.ts";

// Piscina tries require() first, and Node aborts the whole process when a thread is terminated just as require() of an
// ES module ends (seen with 26.10: "Assertion failed: facade->InstantiateModule"). A module that awaits cannot be
// required, so piscina imports it, which ends well whenever the thread does.
await Promise.resolve();

/**
 * The one task of an isolate's thread: serves until the control plane closes the port. Piscina runs it once per thread.
 */
export default function serve({ isolate, port, shared }: IsolateStart): Promise<void> {
  memoryPool.shareCount(shared.memories, isolate);
  return new Promise((resolve) => {
    const link = portLink<ToIsolate, FromIsolate>(port, (message) => served.receive(message));
    const served = new Isolate({ isolate, shared, link, ownThread: true });
    port.once("close", () => {
      served.dispose();
      resolve();
    });
    link.send({ type: "ready", threadId });
  });
}
