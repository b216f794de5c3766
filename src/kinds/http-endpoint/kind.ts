import { z } from "zod";
import { readPath } from "../../gateway/paths.ts";
import { defineKind } from "../../registry/define.ts";
import { problem } from "../../registry/problem.ts";
import { endpointConflicts } from "./conflicts.ts";
import { isProblem, metaReference } from "../shared/http.ts";
import { fullId, idSchema } from "../shared/ids.ts";

const methods = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"] as const;

const schema = z.strictObject({
  method: z.enum(methods).describe("The method that it answers; one that answers GET answers HEAD, too."),
  path: z
    .string()
    .describe(
      "The path below the router's prefix: `/users/{id}` or `/users/:id`, `/files/{path...}` for all the rest.",
    ),
  func: idSchema("Id of the function that answers."),
});

/** A function behind a method and a path. */
export const httpEndpointKind = defineKind({
  name: "http.endpoint",
  summary: "A function that answers the requests of a method and a path; `meta.router` names the http.router.",
  schema,
  build({ method, path, func }, entry) {
    const router = metaReference(entry, "router", "http.router");
    if (isProblem(router)) return [router];
    const pattern = readPath(path);
    if (typeof pattern === "string") {
      return [problem(entry, ["path"], { code: "invalid-field", message: `path: ${pattern}` })];
    }
    const id = fullId(func, entry);
    return {
      references: [
        router.reference,
        {
          path: ["func"],
          id,
          kinds: ["function.lua", "function.wat", "function.wasm"],
          required: true,
          acyclic: false,
        },
      ],
      warnings: [],
      provides: { offer: { service: "http", spec: { type: "endpoint", router: router.id, method, path, func: id } } },
    };
  },
  checkTogether: endpointConflicts,
});
