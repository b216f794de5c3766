import { z } from "zod";
import { defineKind } from "../../registry/define.ts";
import { lifecycleReferences, lifecycleSchema, serviceOf } from "../shared/lifecycle.ts";

const schema = z.strictObject({
  host: z
    .strictObject({
      workers: z.int().min(0).optional().describe("Accepted for other runtimes; processes run on the app's isolates."),
      queue_size: z.int().min(0).optional().describe("Accepted for other runtimes; no effect."),
      local_queue_size: z.int().min(0).optional().describe("Accepted for other runtimes; no effect."),
      max_processes: z.int().min(1).optional().describe("Processes that may run at once; default is no bound."),
    })
    .optional()
    .describe("How many processes the host runs."),
  lifecycle: lifecycleSchema,
});

/** A place where processes run. */
export const processHostKind = defineKind({
  name: "process.host",
  summary: "A place where processes run; its id is part of their pids.",
  schema,
  build: ({ host, lifecycle }, entry) => ({
    references: lifecycleReferences(entry, lifecycle),
    warnings: [],
    provides: { processHost: { type: "pool", hideLogs: false, maxProcesses: host?.max_processes ?? Infinity } },
    service: serviceOf(lifecycle, { entry }),
  }),
});
