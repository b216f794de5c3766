import { mkdirSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { defineKind } from "../../registry/define.ts";
import type { Diagnostic } from "../../registry/diagnostic.ts";
import type { Entry } from "../../registry/entry.ts";
import { problem } from "../../registry/problem.ts";
import { lifecycleReferences, lifecycleSchema, serviceOf } from "../shared/lifecycle.ts";

const schema = z.strictObject({
  directory: z.string().min(1).describe("The folder; a relative path starts at the app's root."),
  auto_init: z.boolean().optional().describe("Make the folder when it is missing; default false."),
  mode: z
    .string()
    .regex(/^0?[0-7]{3,4}$/, 'expected an octal mode such as "0755"')
    .optional()
    .describe('Permissions of a folder that is made; default "0755".'),
  base: z
    .enum(["project", "module"])
    .optional()
    .describe("Whether a relative path starts at the app (default) or at the module that the entry came with."),
  type: z.string().optional().describe("A name for what the folder is for; not interpreted."),
  lifecycle: lifecycleSchema,
});

/** A folder of the machine. */
export const fsDirectoryKind = defineKind({
  name: "fs.directory",
  summary: "A folder that entries read binaries from and guests may be given; nothing leads out of it.",
  schema,
  build(spec, entry) {
    const path = resolve(entry.root, spec.directory);
    const wrong = folderProblem(entry, path, spec);
    if (wrong !== undefined) return [wrong];
    return {
      references: lifecycleReferences(entry, spec.lifecycle),
      warnings: [],
      provides: { directory: { path }, offer: { service: "fs", spec: { path } } },
      service: serviceOf(spec.lifecycle, { entry }),
    };
  },
});

function folderProblem(entry: Entry, path: string, spec: z.infer<typeof schema>): Diagnostic | undefined {
  const { directory, auto_init: autoInit = false, mode = "0755" } = spec;
  try {
    // Made right here: entries that read from it are placed before any service starts.
    if (autoInit) mkdirSync(path, { recursive: true, mode: Number.parseInt(mode, 8) });
    if (statSync(path).isDirectory()) return undefined;
    return problem(entry, ["directory"], { code: "missing-directory", message: `${directory} is no folder` });
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const message = isMissing
      ? `there is no folder ${directory}`
      : `the folder ${directory} cannot be used: ${String(error)}`;
    const hint = isMissing ? "create it, or add `auto_init: true`" : undefined;
    return problem(entry, ["directory"], { code: "missing-directory", message, hint });
  }
}
