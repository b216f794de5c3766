import { resolve } from "node:path";
import { z } from "zod";
import { defineKind } from "../../registry/define.ts";
import { lifecycleReferences, lifecycleSchema } from "../shared/lifecycle.ts";

const mode = (description: string) =>
  z
    .string()
    .regex(/^0?[0-7]{3,4}$/, 'expected an octal mode such as "0644"')
    .optional()
    .describe(description);

const schema = z.strictObject({
  file_path: z.string().min(1).describe("The file, in dotenv format; a relative path starts at the app's root."),
  auto_create: z.boolean().optional().describe("Make the file when a variable is set; default false."),
  file_mode: mode('Permissions of a file that is made; default "0600".'),
  dir_mode: mode('Permissions of folders that are made for it; default "0700".'),
  lifecycle: lifecycleSchema,
});

/** Variables in a dotenv file. */
export const envStorageFileKind = defineKind({
  name: "env.storage.file",
  summary: "Variables in a file of lines such as NAME=value (dotenv).",
  schema,
  build(spec, entry) {
    const { file_path: path, auto_create: create = false, file_mode: fileMode, dir_mode: dirMode, lifecycle } = spec;
    return {
      references: lifecycleReferences(entry, lifecycle),
      warnings: [],
      provides: {
        offer: {
          service: "env",
          spec: {
            type: "file",
            path: resolve(entry.root, path),
            create,
            fileMode: Number.parseInt(fileMode ?? "0600", 8),
            dirMode: Number.parseInt(dirMode ?? "0700", 8),
          },
        },
      },
    };
  },
});
