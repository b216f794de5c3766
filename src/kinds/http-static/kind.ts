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
import { fullId, idSchema } from "../shared/ids.ts";

const schema = z.strictObject({
  path: z.string().describe("Where the files are found, such as `/assets`; `/` for the whole server."),
  fs: idSchema("Id of the fs.directory with the files."),
  static_options: z
    .strictObject({
      spa: z
        .boolean()
        .optional()
        .describe("Whether a page that no file is gets the index, for pages that route by themselves; default false."),
      index: z.string().optional().describe("The file that a folder is shown as; default `index.html`."),
      cache: z.string().optional().describe("The `cache-control` header, such as `public, max-age=3600`."),
    })
    .optional()
    .describe("How the files are served."),
  middleware: middlewareSchema("Middleware that sees a request first."),
  options: middlewareOptionsSchema("Options of `middleware`."),
});

/** Files behind a path. */
export const httpStaticKind = defineKind({
  name: "http.static",
  summary: "Files of a filesystem behind a path of a server; `meta.server` names the http.service.",
  schema,
  build({ path, fs, static_options: how = {}, middleware, options }, entry) {
    const server = metaReference(entry, "server", "http.service");
    if (isProblem(server)) return [server];
    const pattern = readPath(path);
    if (typeof pattern === "string" || pattern.segments.some(({ type }) => type !== "text")) {
      const why = typeof pattern === "string" ? pattern : "the path of files has no names in it";
      return [problem(entry, ["path"], { code: "invalid-field", message: `path: ${why}` })];
    }
    const id = fullId(fs, entry);
    const before = middlewareList(middleware, options);
    return {
      references: [server.reference, { path: ["fs"], id, kinds: ["fs.directory"], required: true, acyclic: false }],
      warnings: middlewareProblems(entry, { field: "middleware", optionsField: "options", list: before }),
      provides: {
        offer: {
          service: "http",
          spec: {
            type: "static",
            server: server.id,
            path: path === "/" ? "/" : path.replace(/\/+$/, ""),
            fs: id,
            spa: how.spa ?? false,
            index: how.index ?? "index.html",
            cache: how.cache,
            before,
          },
        },
      },
    };
  },
});
