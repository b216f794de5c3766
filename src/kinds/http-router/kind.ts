import { z } from "zod";
import { readPath } from "../../gateway/paths.ts";
import { defineKind } from "../../registry/define.ts";
import type { Diagnostic } from "../../registry/diagnostic.ts";
import type { Entry } from "../../registry/entry.ts";
import type { CheckedEntry } from "../../registry/kind.ts";
import { problem } from "../../registry/problem.ts";
import {
  isProblem,
  metaReference,
  middlewareList,
  middlewareOptionsSchema,
  middlewareProblems,
  middlewareSchema,
} from "../shared/http.ts";

const schema = z.strictObject({
  prefix: z.string().optional().describe("What the paths of its endpoints begin with, such as `/api`; default `/`."),
  middleware: middlewareSchema("Middleware that sees a request before its endpoint is known."),
  options: middlewareOptionsSchema("Options of `middleware`, such as `cors.allow.origins`."),
  post_middleware: middlewareSchema("Middleware that sees a request once its endpoint is known."),
  post_options: middlewareOptionsSchema("Options of `post_middleware`."),
});

/** Endpoints behind a common path and middleware. */
export const httpRouterKind = defineKind({
  name: "http.router",
  summary: "Endpoints of a server with a common prefix and middleware; `meta.server` names the http.service.",
  schema,
  build({ prefix = "/", middleware, options, post_middleware: after, post_options: afterOptions }, entry) {
    const server = metaReference(entry, "server", "http.service");
    if (isProblem(server)) return [server];
    const pattern = readPath(prefix === "" ? "/" : prefix);
    if (typeof pattern === "string") {
      return [problem(entry, ["prefix"], { code: "invalid-field", message: `prefix: ${pattern}` })];
    }
    const before = middlewareList(middleware, options);
    const afterwards = middlewareList(after, afterOptions);
    return {
      references: [server.reference],
      warnings: [
        ...middlewareProblems(entry, { field: "middleware", optionsField: "options", list: before }),
        ...middlewareProblems(entry, { field: "post_middleware", optionsField: "post_options", list: afterwards }),
      ],
      provides: {
        offer: {
          service: "http",
          spec: {
            type: "router",
            server: server.id,
            prefix: prefix.replace(/\/+$/, ""),
            before,
            after: afterwards,
          },
        },
      },
    };
  },
  checkTogether: prefixConflicts,
});

/** Two routers of a server with one prefix: which middleware a request meets would be chance. */
function prefixConflicts(entries: readonly CheckedEntry[]): readonly Diagnostic[] {
  const firsts = new Map<string, Entry>();
  return entries.flatMap(({ entry, checked }) => {
    const spec = checked.provides.offer?.service === "http" ? checked.provides.offer.spec : undefined;
    if (spec?.type !== "router") return [];
    const key = `${spec.server} ${spec.prefix}`;
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, entry);
    if (first === undefined) return [];
    const message = `prefix: ${first.id} has the prefix ${spec.prefix === "" ? "/" : spec.prefix} on ${spec.server}, too`;
    return [problem(entry, ["prefix"], { code: "route-conflict", message })];
  });
}
