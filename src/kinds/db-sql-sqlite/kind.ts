import { resolve } from "node:path";
import { z } from "zod";
import { parseDurationMs } from "../../core/durations.ts";
import { defineKind } from "../../registry/define.ts";
import { lifecycleReferences, lifecycleSchema, serviceOf } from "../shared/lifecycle.ts";

const inMemory = ":memory:";
const defaultMaxOpen = 8;
/** What sqlite's users are used to. */
const defaultBusyMs = 5_000;

const schema = z.strictObject({
  file: z
    .string()
    .min(1)
    .describe(
      `The database's file, made when it is missing; a relative path starts at the app's root. "${inMemory}" for none.`,
    ),
  pool: z
    .strictObject({
      max_open: z
        .int()
        .min(0)
        .optional()
        .describe(`Transactions open at once, others wait; default ${defaultMaxOpen}.`),
      max_idle: z.int().min(0).optional().describe("Accepted; idle connections are kept."),
      max_lifetime: z.string().optional().describe("Accepted; connections have no end of their time."),
    })
    .optional()
    .describe("How many connections it has."),
  busy_timeout: z
    .string()
    .refine((text) => (parseDurationMs(text) ?? -1) >= 0, "expected a duration such as 500ms or 5s")
    .optional()
    .describe("How long a statement waits while another transaction holds the database; default 5s."),
  options: z.record(z.string(), z.unknown()).optional().describe("Accepted for other drivers; no effect."),
  lifecycle: lifecycleSchema,
});

/** A database of sqlite. */
export const dbSqlSqliteKind = defineKind({
  name: "db.sql.sqlite",
  summary: "A database in a file or in memory, which programs reach through the module sql.",
  schema,
  build({ file, pool, busy_timeout: busy, lifecycle }, entry) {
    const path = file === inMemory ? undefined : resolve(entry.root, file);
    const maxOpen = pool?.max_open === undefined || pool.max_open === 0 ? defaultMaxOpen : pool.max_open;
    const busyMs = (busy === undefined ? undefined : parseDurationMs(busy)) ?? defaultBusyMs;
    return {
      references: lifecycleReferences(entry, lifecycle),
      warnings: [],
      provides: { offer: { service: "sql", spec: { path, maxOpen, busyMs } } },
      service: serviceOf(lifecycle, { entry }),
    };
  },
});
