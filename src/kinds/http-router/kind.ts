import { z } from "zod";
import { readPath } from "../../gateway/paths.ts";
import { defineKind } from "../../registry/define.ts";
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
    return {
      references: [server.reference],
      warnings: [
        ...middlewareProblems(entry, "middleware", middleware),
        ...middlewareProblems(entry, "post_middleware", after),
      ],
      provides: {
        offer: {
          service: "http",
          spec: {
            type: "router",
            server: server.id,
            prefix: prefix.replace(/\/+$/, ""),
            before: middlewareList(middleware, options),
            after: middlewareList(after, afterOptions),
          },
        },
      },
    };
  },
});
