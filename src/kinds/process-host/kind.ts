import { z } from "zod";
import { defineKind } from "../../registry/define.ts";
import { lifecycleReferences, lifecycleSchema, serviceOf } from "../shared/lifecycle.ts";

const schema = z.strictObject({
  host: z
    .strictObject({
      workers: z
        .int()
        .min(0)
        .optional()
        .describe("Isolates over which the host's processes are spread; default, or 0, is all of the app."),
      queue_size: z.int().min(0).optional().describe("Letters that may wait for one process; default, or 0, is 10000."),
      local_queue_size: z.int().min(0).optional().describe("Accepted for other runtimes; no effect."),
      max_processes: z.int().min(1).optional().describe("Processes that may run at once; default is no bound."),
    })
    .optional()
    .describe("How many processes the host runs."),
  lifecycle: lifecycleSchema,
});

function aboveZero(value: number | undefined): number | undefined {
  return value === 0 ? undefined : value;
}

/** A place where processes run. */
export const processHostKind = defineKind({
  name: "process.host",
  summary: "A place where processes run; its id is part of their pids.",
  schema,
  build: ({ host, lifecycle }, entry) => ({
    references: lifecycleReferences(entry, lifecycle),
    warnings: [],
    provides: {
      processHost: {
        type: "pool",
        hideLogs: false,
        maxProcesses: host?.max_processes ?? Infinity,
        workers: aboveZero(host?.workers),
        mailbox: aboveZero(host?.queue_size),
      },
    },
    service: serviceOf(lifecycle, { entry }),
  }),
});
