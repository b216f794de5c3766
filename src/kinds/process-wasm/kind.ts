import { z } from "zod";
import { binaryFields, binaryProblems, readBytes } from "../shared/binary.ts";
import { importProblems } from "../shared/imports.ts";
import { linkProgram } from "../shared/link-program.ts";
import { placeWasm } from "../shared/place-wasm.ts";
import { resolvePool } from "../shared/pool.ts";
import { defineProgramKind } from "../shared/program-kind.ts";
import { methodSchema, wasmFields, wasmReferences } from "../shared/wasm-fields.ts";

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
  rules: [binaryProblems, importProblems],
  build: (spec, entry) => ({
    references: wasmReferences(entry, spec),
    warnings: [],
    provides: {},
    link: (placement, tools) => linkProgram(entry, spec.imports, { placement, tools }),
    place: async (tools) => {
      const written = spec.method?.trim();
      const method = written === undefined ? entryPoints : written === "wasi:cli/run" ? entryPoints.component : written;
      const pool = resolvePool({ type: "inline" });
      const wanted = { entry, spec, role: "process", pool, method } as const;
      return await placeWasm(wanted, await readBytes(entry, spec, tools), tools);
    },
  }),
});
