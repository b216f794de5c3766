import { z } from "zod";
import { parseDurationMs } from "../../core/durations.ts";
import { operationNames } from "../../gateway/operations/names.ts";
import { readAddress, serverSettings } from "../../gateway/settings.ts";
import { defineKind } from "../../registry/define.ts";
import { problem } from "../../registry/problem.ts";
import type { StartService } from "../../registry/service.ts";
import { lifecycleReferences, lifecycleSchema, serviceOf } from "../shared/lifecycle.ts";
import { readTls, tlsProblem, tlsSchema } from "./tls.ts";

const duration = (description: string) =>
  z
    .string()
    .refine((text) => (parseDurationMs(text) ?? 0) > 0, "expected a duration such as 500ms, 10s or 1m30s")
    .optional()
    .describe(description);

const schema = z.strictObject({
  addr: z.string().describe("Where it listens: `:8085`, `127.0.0.1:8085`, `[::1]:8085`; port 0 takes any free one."),
  timeouts: z
    .strictObject({
      read: duration("How long a whole request may take to come; default 5m."),
      headers: duration("How long the headers of a request may take to come; default 10s."),
      write: duration("How long a client may take nothing of its response; default 1m."),
      idle: duration("How long a connection may be open without a request; default 1m."),
    })
    .optional()
    .describe("How long clients are waited for."),
  limits: z
    .strictObject({
      header_bytes: z.int().min(256).optional().describe("All headers of a request together; default 16384."),
      body_bytes: z.int().min(0).optional().describe("The body of a request; default 125829120."),
      connections: z.int().min(1).optional().describe("Connections open at once; default 8192."),
    })
    .optional()
    .describe("How much clients may send."),
  host: z
    .strictObject({
      buffer_size: z.int().optional().describe("Accepted for other runtimes; no effect."),
      worker_count: z.int().optional().describe("Accepted for other runtimes; no effect."),
    })
    .optional()
    .describe("Accepted for other runtimes; no effect."),
  tls: tlsSchema,
  operations: z
    .array(z.enum(operationNames))
    .optional()
    .describe(
      "What it answers beside its routes, for whoever watches: `health` (/healthz, /readyz), `metrics` (/metrics, for Prometheus), " +
        "`openapi` (/openapi.json); `log` writes a line for each request, with its id and trace.",
    ),
  network: z.string().optional().describe("Accepted for other runtimes; no effect."),
  lifecycle: lifecycleSchema,
});

/** An HTTP server. */
export const httpServiceKind = defineKind({
  name: "http.service",
  summary: "An HTTP server; routers, endpoints and static files name it or its routers in their `meta`.",
  schema,
  build({ addr, timeouts = {}, limits = {}, tls, operations = [], lifecycle }, entry) {
    const address = readAddress(addr);
    if (address === undefined) {
      const message = `addr: "${addr}" is no address`;
      return [problem(entry, ["addr"], { code: "invalid-field", message, hint: "write :PORT or HOST:PORT" })];
    }
    const wrongTls = tlsProblem(tls, entry);
    if (wrongTls !== undefined) return [wrongTls];
    const start: StartService = async (tools) => {
      // Loaded when a server starts: an app without one has no use for it.
      const { serveRoutes } = await import("../../gateway/service.ts");
      const settings = serverSettings(address, {
        timeouts: defined({
          readMs: milliseconds(timeouts.read),
          headersMs: milliseconds(timeouts.headers),
          writeMs: milliseconds(timeouts.write),
          idleMs: milliseconds(timeouts.idle),
        }),
        limits: defined({
          headerBytes: limits.header_bytes,
          bodyBytes: limits.body_bytes,
          connections: limits.connections,
        }),
        tls: await readTls(tls, entry),
      });
      return await serveRoutes({ id: entry.id, settings, operations }, tools);
    };
    return {
      references: lifecycleReferences(entry, lifecycle),
      warnings: [],
      provides: {},
      service: serviceOf(lifecycle, { entry, start }),
    };
  },
});

const milliseconds = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : parseDurationMs(text);

/** What is said, without what is not. */
function defined<Name extends string>(
  fields: Readonly<Record<Name, number | undefined>>,
): Partial<Record<Name, number>> {
  const said: Partial<Record<Name, number>> = {};
  for (const name in fields) {
    const value = fields[name];
    if (value !== undefined) said[name] = value;
  }
  return said;
}
