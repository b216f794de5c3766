import { z } from "zod";
import type { EntryId } from "../../core/ids.ts";
import { defineKind } from "../../registry/define.ts";
import type { StartService } from "../../registry/service.ts";
import { fullId, idSchema } from "../shared/ids.ts";
import { lifecycleReferences, lifecycleSchema, serviceOf } from "../shared/lifecycle.ts";

const schema = z.strictObject({
  queue: idSchema("Id of the queue.queue whose messages are handled."),
  func: idSchema("Id of the function that is called with each message's body."),
  concurrency: z.int().min(1).max(1_000).optional().describe("Messages handled at once; default 1."),
  prefetch: z.int().min(1).max(10_000).optional().describe("Accepted for other drivers; in memory nothing is fetched."),
  auto_ack: z
    .boolean()
    .optional()
    .describe("A message counts as handled when the function is called, whatever comes of it; default false."),
  driver_options: z.record(z.string(), z.unknown()).optional().describe("Accepted for other drivers; no effect."),
  lifecycle: lifecycleSchema,
});

/** Messages are handled while the service runs; one that is being handled when it stops may be handled to its end. */
function starter(consumer: EntryId): StartService {
  return async ({ ask }) => {
    await ask({ service: "queue", request: { do: "start", consumer } });
    const { promise: ended, resolve } = Promise.withResolvers<undefined>();
    return {
      ended,
      async stop(timeoutMs) {
        await ask({ service: "queue", request: { do: "stop", consumer, timeoutMs } });
        resolve(undefined);
      },
    };
  };
}

/** Who handles a queue's messages. */
export const queueConsumerKind = defineKind({
  name: "queue.consumer",
  summary: "Calls a function with each message of a queue; it runs when its lifecycle says auto_start.",
  schema,
  build({ queue, func, concurrency = 1, auto_ack: autoAck = false, lifecycle }, entry) {
    const [queueId, functionId] = [fullId(queue, entry), fullId(func, entry)];
    const service = serviceOf(lifecycle, { entry, start: starter(entry.id) });
    const { actor, scope } = service;
    const target = { queue: queueId, func: functionId, concurrency, autoAck, actor, scope } as const;
    const spec = { type: "consumer", byService: true, ...target } as const;
    return {
      references: [
        { path: ["queue"], id: queueId, kinds: ["queue.queue"], required: true, acyclic: false },
        { path: ["func"], id: functionId, kinds: [], required: true, acyclic: false },
        ...lifecycleReferences(entry, lifecycle),
      ],
      warnings: [],
      provides: { offer: { service: "queue", spec } },
      service,
    };
  },
});
