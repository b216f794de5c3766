import type { MessagePort } from "node:worker_threads";
import { threadAwake } from "./awake.ts";
import { threadGuard } from "./isolate/guard/guard.ts";

/** One end of a line to another thread, or to code of this thread that is reached the same way. */
export interface Link<Out> {
  /** Sends a message; those of one microtask travel together, in order. */
  send(message: Out): void;
  /** Sends a message with a port that moves along, in order with the others. */
  sendPort(message: Out, port: MessagePort): void;
  close(): void;
}

/** A batch this long is sent at once, so that the other thread does not wait for the rest of a flood. */
const fullBatch = 128;

/**
 * The line over a message port. Each `postMessage` costs a wake-up of the other thread, which is most of a hop, so
 * messages are gathered until the current microtasks are done.
 */
export function portLink<In, Out>(port: MessagePort, receive: (message: In) => void): Link<Out> {
  let batch: Out[] = [];
  const flush = (): void => {
    if (batch.length === 0) return;
    const messages = batch;
    batch = [];
    port.postMessage(messages);
  };
  // A cut may have come between the two halves of `send`.
  const guard = threadGuard();
  const repair = guard.afterCut(() => queueMicrotask(flush));
  let received: readonly In[] = [];
  let next = 0;
  // A turn that was cut off is taken up again behind the message at which that happened.
  const takeUp = (): void => {
    for (let message = received[next]; message !== undefined; message = received[next]) {
      next += 1;
      receive(message);
    }
    received = [];
    next = 0;
  };
  port.on("message", (messages: readonly In[]) => {
    received = received.length === 0 ? messages : [...received.slice(next), ...messages];
    next = 0;
    threadAwake?.heard();
    guard.turn(takeUp);
  });
  return {
    send(message) {
      const length = batch.push(message);
      if (length === 1) queueMicrotask(flush);
      else if (length === fullBatch) flush();
    },
    sendPort(message, moved) {
      flush();
      port.postMessage([message], [moved]);
    },
    close() {
      flush();
      repair[Symbol.dispose]();
      port.close();
    },
  };
}
