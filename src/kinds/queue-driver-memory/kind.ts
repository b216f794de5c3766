import { z } from "zod";
import { defineKind } from "../../registry/define.ts";
import { lifecycleReferences, lifecycleSchema, serviceOf } from "../shared/lifecycle.ts";

const schema = z.strictObject({ lifecycle: lifecycleSchema });

/** Queues in memory. */
export const queueDriverMemoryKind = defineKind({
  name: "queue.driver.memory",
  summary: "Keeps the messages of queues in memory, as long as the app runs.",
  schema,
  build: ({ lifecycle }, entry) => ({
    references: lifecycleReferences(entry, lifecycle),
    warnings: [],
    provides: {},
    service: serviceOf(lifecycle, { entry }),
  }),
});
