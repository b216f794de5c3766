import { z } from "zod";
import { defineKind } from "../../registry/define.ts";
import type { Reference } from "../../registry/kind.ts";
import { fullId, idSchema } from "../shared/ids.ts";

const defaultLength = 1_000;
const defaultAttempts = 3;

const schema = z.strictObject({
  driver: idSchema("Id of the queue.driver.memory that keeps the messages."),
  codec: z.string().optional().describe("Accepted for other drivers; messages in memory are not encoded."),
  queue_name: z.string().optional().describe("Accepted for other drivers; queues in memory go by their ids."),
  driver_options: z
    .strictObject({
      memory: z
        .strictObject({
          max_length: z.int().min(1).optional().describe(`Messages that wait at most; default ${defaultLength}.`),
        })
        .optional()
        .describe("Options of the memory driver."),
    })
    .optional()
    .describe("Options by driver."),
  dead_letter: z
    .strictObject({
      queue: idSchema("Id of the queue that takes messages which failed too often."),
      max_attempts: z.int().min(1).optional().describe(`How often a message is tried; default ${defaultAttempts}.`),
    })
    .optional()
    .describe("What becomes of messages that fail again and again; default is to try for ever."),
});

/** A queue of messages. */
export const queueQueueKind = defineKind({
  name: "queue.queue",
  summary: "A queue of messages that programs publish and consumers handle.",
  schema,
  build({ driver, driver_options: options, dead_letter: dead }, entry) {
    const reference = { required: true, acyclic: false } as const;
    const deadLetter = dead && {
      queue: fullId(dead.queue, entry),
      maxAttempts: dead.max_attempts ?? defaultAttempts,
    };
    const references: Reference[] = [
      { path: ["driver"], id: fullId(driver, entry), kinds: ["queue.driver.memory"], ...reference },
    ];
    if (deadLetter !== undefined) {
      references.push({ path: ["dead_letter", "queue"], id: deadLetter.queue, kinds: ["queue.queue"], ...reference });
    }
    const maxLength = options?.memory?.max_length ?? defaultLength;
    return {
      references,
      warnings: [],
      provides: { offer: { service: "queue", spec: { type: "queue", maxLength, deadLetter } } },
    };
  },
});
