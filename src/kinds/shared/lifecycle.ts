import { z } from "zod";
import { parseDurationMs } from "../../core/durations.ts";
import type { EntryId } from "../../core/ids.ts";
import { toValue, type Value } from "../../core/values.ts";
import type { Entry } from "../../registry/entry.ts";
import type { Reference } from "../../registry/kind.ts";
import type { ServiceSpec, StartService } from "../../registry/service.ts";
import { fullId, idSchema, idText, namesMany } from "./ids.ts";

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

/** The kinds of policies. */
const policyKinds = ["security.policy", "security.policy.expr"];

/** The `lifecycle` field, checked. */
export type LifecycleFields = z.infer<typeof lifecycleSchema>;

/** The entries that a service needs before it starts, and the policies of its scope. */
export function lifecycleReferences(entry: Entry, lifecycle: LifecycleFields): Reference[] {
  const policies = (lifecycle?.security?.policies ?? []).map((id, index): Reference => {
    const path = ["lifecycle", "security", "policies", index];
    return { path, id: fullId(id, entry), kinds: policyKinds, required: true, acyclic: false };
  });
  const needed = (["requires", "depends_on"] as const).flatMap((field) =>
    (lifecycle?.[field] ?? []).flatMap((id, index): Reference[] => {
      if (namesMany(id)) return [];
      const path = ["lifecycle", field, index];
      return [{ path, id: fullId(id, entry), kinds: [], required: true, acyclic: true }];
    }),
  );
  return [...needed, ...policies];
}

/** What a kind knows of its service beyond the `lifecycle` field. */
export interface ServiceParts {
  readonly entry: Entry;
  /** Services that it needs by what it is. */
  readonly requires?: readonly EntryId[];
  readonly start?: StartService;
}

/** How the service is to be run: the field, with its defaults. */
export function serviceOf(lifecycle: LifecycleFields, { entry, requires = [], start }: ServiceParts): ServiceSpec {
  const { security: identity, restart: again } = lifecycle ?? {};
  const named = [...(lifecycle?.requires ?? []), ...(lifecycle?.depends_on ?? [])];
  const actor = identity?.actor;
  const policies = identity?.policies?.map((id) => fullId(id, entry));
  const groups = identity?.groups?.map((name) => fullId(name, entry));
  return {
    autoStart: lifecycle?.auto_start ?? false,
    optional: lifecycle?.startup === "optional",
    startTimeoutMs: milliseconds(lifecycle?.start_timeout, 10_000),
    stopTimeoutMs: milliseconds(lifecycle?.stop_timeout, 10_000),
    stableMs: milliseconds(lifecycle?.stable_threshold, 5_000),
    requires: [...requires, ...named.map((id) => (namesMany(id) ? idText(id) : fullId(id, entry)))],
    groups: groupsOf(entry),
    restart: {
      initialDelayMs: milliseconds(again?.initial_delay, 1_000),
      maxDelayMs: milliseconds(again?.max_delay, 90_000),
      backoffFactor: again?.backoff_factor ?? 2,
      jitter: again?.jitter ?? 0.1,
      maxAttempts: again?.max_attempts ?? 0,
    },
    actor: actor && { id: actor.id, meta: readMeta(actor.meta ?? {}) },
    scope:
      policies === undefined && groups === undefined
        ? undefined
        : { policies: policies ?? [], ...(groups && { groups }) },
    start,
  };
}

function milliseconds(text: string | undefined, otherwise: number): number {
  return (text === undefined ? undefined : parseDurationMs(text)) ?? otherwise;
}

function readMeta(meta: Readonly<Record<string, unknown>>): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(meta).map(([key, value]) => [key, toValue(value, `meta.${key}`)]));
}

function groupsOf({ meta }: Entry): readonly string[] {
  const { groups } = meta;
  return Array.isArray(groups) ? groups.filter((group) => typeof group === "string") : [];
}
