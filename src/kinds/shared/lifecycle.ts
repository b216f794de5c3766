import { z } from "zod";
import { parseDurationMs } from "../../core/durations.ts";
import type { Entry } from "../../registry/entry.ts";
import type { Reference, ServiceSpec } from "../../registry/kind.ts";
import { fullId, idSchema, namesMany } from "./ids.ts";

const duration = (description: string) =>
  z
    .string()
    .refine((text) => (parseDurationMs(text) ?? -1) >= 0, "expected a duration such as 500ms, 10s or 1m30s")
    .optional()
    .describe(description);

const ids = (description: string) => z.array(idSchema("Id of an entry.")).optional().describe(description);

const security = z.strictObject({
  actor: z
    .strictObject({
      id: z.string().min(1).describe("Id of the actor."),
      meta: z.record(z.string(), z.unknown()).optional().describe("Facts about the actor that policies may ask for."),
    })
    .optional()
    .describe("Who the service acts as."),
  policies: ids("Policies of the service's scope."),
  groups: z.array(z.string().min(1)).optional().describe("Groups of policies of the service's scope."),
});

const restart = z.strictObject({
  initial_delay: duration("Wait before the first restart; default 1s."),
  max_delay: duration("The longest wait; default 90s."),
  backoff_factor: z.number().min(1).optional().describe("How much longer each wait is than the one before; default 2."),
  jitter: z.number().min(0).max(1).optional().describe("Part of the wait that is random; default 0.1."),
  max_attempts: z.int().min(0).optional().describe("Restarts before the service is given up; 0 is without end."),
});

/** The `lifecycle` field of services. */
export const lifecycleSchema = z
  .strictObject({
    auto_start: z.boolean().optional().describe("Start with the app; default false."),
    startup: z
      .enum(["required", "optional"])
      .optional()
      .describe("Whether the app fails to boot when the service does."),
    start_timeout: duration("How long starting may take; default 10s."),
    stop_timeout: duration("How long stopping may take; default 10s."),
    stable_threshold: duration("Running this long forgets earlier failures; default 5s."),
    requires: ids("Entries that start before this one and stop after it."),
    depends_on: ids("Old name of `requires`."),
    security: security.optional().describe("The identity and rights that the service runs with."),
    restart: restart.optional().describe("When a failed service is started again."),
  })
  .optional()
  .describe("When the service starts and stops, and what happens when it fails.");

/** The `lifecycle` field, checked. */
export type LifecycleFields = z.infer<typeof lifecycleSchema>;

/** The entries that a service needs before it starts. */
export function lifecycleReferences(entry: Entry, lifecycle: LifecycleFields): Reference[] {
  return (["requires", "depends_on"] as const).flatMap((field) =>
    (lifecycle?.[field] ?? []).flatMap((id, index): Reference[] => {
      if (namesMany(id)) return [];
      const path = ["lifecycle", field, index];
      return [{ path, id: fullId(id, entry), kinds: [], required: true, acyclic: true }];
    }),
  );
}

/** How the service is to be run. */
export function serviceOf(lifecycle: LifecycleFields): ServiceSpec {
  return { autoStart: lifecycle?.auto_start ?? false };
}
