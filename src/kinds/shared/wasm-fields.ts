import { z } from "zod";
import type { Entry } from "../../registry/entry.ts";
import type { CheckWorld, Reference } from "../../registry/kind.ts";
import type { Placement } from "../../registry/placement.ts";
import { fullId, type WrittenId } from "./ids.ts";
import { importsSchema } from "./imports.ts";
import { limitsSchema } from "./limits.ts";
import { linkReferences } from "./links.ts";
import { readMeta } from "./meta.ts";
import { poolSchema } from "./pool.ts";
import { wasiReferences, wasiSchema } from "./wasi.ts";

/** The export that an entry calls. */
export const methodSchema = z
  .string()
  .refine((method) => method.trim() !== "", "must not be empty")
  .describe("The export to call: `name`, or `interface#name`.");

const transports = ["payload", "wasi-http"] as const;

/** The transport that a text names, however it is written. */
export function transportOf(text: string | undefined): (typeof transports)[number] | undefined {
  const name = text?.trim().toLowerCase();
  return transports.find((each) => each === name);
}

/** Fields that every WebAssembly entry has. */
export const wasmFields = {
  wit: z.string().optional().describe("Signature of the method in WIT, for core modules; a component brings its own."),
  transport: z
    .enum(transports)
    .or(
      z
        .string()
        .refine((text) => text.trim() === "" || transportOf(text) !== undefined, "expected payload or wasi-http"),
    )
    .optional()
    .describe(
      "How a function behind an http.endpoint is called: `payload` (default) without arguments, `wasi-http` with the request as its arguments by WIT type, and its result as the response.",
    ),
  imports: importsSchema,
  pool: poolSchema.optional(),
  limits: limitsSchema.optional(),
  wasi: wasiSchema.optional(),
  result: z
    .enum(["pair", "table"])
    .optional()
    .describe("How a `result` reaches Lua: as two values (default), or as one table `{ok = …}` or `{err = …}`."),
  engine: z
    .enum(["jco", "direct"])
    .optional()
    .describe(
      "Which engine runs a component: `direct` (default; what it declines runs on jco, and `weft inspect` says why) or `jco`.",
    ),
};

const common = z.strictObject(wasmFields);

/** The common fields, checked. */
export type WasmFields = z.infer<typeof common>;

/** The entries that a WebAssembly entry names, in its fields and in its `meta`. */
export function wasmReferences(entry: Entry, spec: WasmFields & { readonly fs?: WrittenId | undefined }): Reference[] {
  const others = [
    ...linkReferences(entry, spec.imports),
    ...wasiReferences(entry, spec.wasi),
    ...readMeta(entry).references,
  ];
  if (spec.fs === undefined) return others;
  return [
    { path: ["fs"], id: fullId(spec.fs, entry), kinds: ["fs.directory"], required: true, acyclic: false },
    ...others,
  ];
}

/** How a `result` reaches Lua. */
export function resultForm(spec: WasmFields, world: Pick<CheckWorld, "compat">): Placement["resultForm"] {
  return spec.result ?? (world.compat === "wippy" ? "table" : "pair");
}
