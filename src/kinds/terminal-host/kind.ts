import { z } from "zod";
import { defineKind } from "../../registry/define.ts";
import { lifecycleReferences, lifecycleSchema, serviceOf } from "../shared/lifecycle.ts";

const schema = z.strictObject({
  hide_logs: z
    .boolean()
    .optional()
    .describe("Keep the app's log off the terminal while a process runs; default false."),
  lifecycle: lifecycleSchema,
});

/** The terminal as a place where one process runs. */
export const terminalHostKind = defineKind({
  name: "terminal.host",
  summary: "Runs one process at a time with the terminal's stdin and stdout.",
  schema,
  build: ({ hide_logs: hideLogs = false, lifecycle }, entry) => ({
    references: lifecycleReferences(entry, lifecycle),
    warnings: [],
    provides: { processHost: { type: "terminal", hideLogs, maxProcesses: 1 } },
    service: serviceOf(lifecycle, { entry }),
  }),
});
