import { z } from "zod";
import type { Diagnostic } from "../../registry/diagnostic.ts";
import type { Entry } from "../../registry/entry.ts";
import { problem } from "../../registry/problem.ts";
import { importProblems } from "../shared/imports.ts";
import { readMeta } from "../shared/meta.ts";
import { placeWasm } from "../shared/place-wasm.ts";
import { resolvePool } from "../shared/pool.ts";
import { defineProgramKind } from "../shared/program-kind.ts";
import { readBinary } from "../shared/read-binary.ts";
import { binaryFields, methodSchema, wasmFields, wasmReferences, wasmWarnings } from "../shared/wasm-fields.ts";

const schema = z.strictObject({
  ...binaryFields,
  method: methodSchema
    .optional()
    .describe("The export to run to its end; default `_start`, or `wasi:cli/run` of a component."),
  ...wasmFields,
});

/** Where programs begin that say nothing else. The version of the interface does not matter. */
const entryPoints = { core: "_start", component: "wasi:cli/run#run" };

/** A program in a WebAssembly binary, run as a process. */
export const processWasmKind = defineProgramKind({
  name: "process.wasm",
  summary: "A program in a WebAssembly binary, run as a process to the end of its method.",
  schema,
  rules: [importProblems, poolWarning],
  build: (spec, entry) => ({
    references: [...wasmReferences(entry, spec), ...readMeta(entry).references],
    warnings: wasmWarnings(entry, spec),
    provides: {},
    place: async (tools) => {
      const written = spec.method?.trim();
      const method = written === undefined ? entryPoints : written === "wasi:cli/run" ? entryPoints.component : written;
      const pool = resolvePool({ type: "inline" });
      const wanted = { entry, spec, role: "process", pool, method, bytesField: "path" } as const;
      return await placeWasm(wanted, await readBinary(entry, spec, tools), tools);
    },
  }),
});

function poolWarning(entry: Entry): Diagnostic[] {
  if (entry.data["pool"] === undefined) return [];
  const message = "a process has an instance of its own: its pool has no effect";
  return [problem(entry, ["pool"], { code: "no-effect", message, severity: "warning", part: "key" })];
}
