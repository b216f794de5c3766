import { threadId } from "node:worker_threads";
import { portLink } from "../link.ts";
import type { FromIsolate, IsolateStart, ToIsolate } from "../protocol.ts";
import { Isolate } from "./isolate.ts";

/**
 * The one task of an isolate's thread: serves until the control plane closes the port. Piscina runs it once per thread.
 */
export default function serve({ isolate, port, shared }: IsolateStart): Promise<void> {
  return new Promise((resolve) => {
    const link = portLink<ToIsolate, FromIsolate>(port, (message) => served.receive(message));
    const served = new Isolate({ isolate, shared, link });
    port.once("close", () => {
      served.dispose();
      resolve();
    });
    link.send({ type: "ready", threadId });
  });
}
