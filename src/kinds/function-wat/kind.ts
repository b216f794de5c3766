import { z } from "zod";
import { AssembleError } from "../../engine/wasm/assemble-error.ts";
import { assemble } from "../../engine/wasm/assemble.ts";
import type { Entry } from "../../registry/entry.ts";
import { problemInText } from "../../registry/problem.ts";
import { importProblems } from "../shared/imports.ts";
import { linkProgram } from "../shared/link-program.ts";
import { placeWasm, type WasmBytes } from "../shared/place-wasm.ts";
import { resolvePool } from "../shared/pool.ts";
import { defineProgramKind } from "../shared/program-kind.ts";
import { methodSchema, wasmFields, wasmReferences } from "../shared/wasm-fields.ts";

const schema = z.strictObject({
  source: z
    .string()
    .refine((text) => text.trim() !== "", "must not be empty")
    .describe("WebAssembly text, of a core module or a component; or `file://` and the path of a file that holds it."),
  method: methodSchema,
  ...wasmFields,
});

/** A function in WebAssembly text. */
export const functionWatKind = defineProgramKind({
  name: "function.wat",
  summary: "A function in WebAssembly text, a core module or a component.",
  schema,
  rules: [importProblems],
  build: (spec, entry) => ({
    references: wasmReferences(entry, spec),
    warnings: [],
    provides: {},
    link: (placement, tools) => linkProgram(entry, spec.imports, { placement, tools }),
    place: async (tools) => {
      const { pool, method, source } = spec;
      const wanted = { entry, spec, role: "function", pool: resolvePool(pool), method: method.trim() } as const;
      return await placeWasm(wanted, await assembleSource(entry, source), tools);
    },
  }),
});

async function assembleSource(entry: Entry, source: string): Promise<WasmBytes> {
  try {
    return { bytes: await assemble(source, entry.id), field: "source", problems: [] };
  } catch (error) {
    if (!(error instanceof AssembleError)) throw error;
    const wrong = problemInText(entry, ["source"], error, { code: "wat-source", message: error.message });
    return { bytes: undefined, field: "source", problems: [wrong] };
  }
}
