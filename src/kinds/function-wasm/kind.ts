import { z } from "zod";
import { importProblems } from "../shared/imports.ts";
import { readMeta } from "../shared/meta.ts";
import { placeWasm } from "../shared/place-wasm.ts";
import { resolvePool } from "../shared/pool.ts";
import { defineProgramKind } from "../shared/program-kind.ts";
import { readBinary } from "../shared/read-binary.ts";
import { binaryFields, methodSchema, wasmFields, wasmReferences, wasmWarnings } from "../shared/wasm-fields.ts";

const schema = z.strictObject({ ...binaryFields, method: methodSchema, ...wasmFields });

/** A function in a WebAssembly binary. */
export const functionWasmKind = defineProgramKind({
  name: "function.wasm",
  summary: "A function in a WebAssembly binary, a core module or a component, pinned by its hash.",
  schema,
  rules: [importProblems],
  build: (spec, entry) => ({
    references: [...wasmReferences(entry, spec), ...readMeta(entry).references],
    warnings: wasmWarnings(entry, spec),
    provides: {},
    place: async (tools) => {
      const wanted = {
        entry,
        spec,
        role: "function",
        pool: resolvePool(spec.pool),
        method: spec.method.trim(),
        bytesField: "path",
      } as const;
      return await placeWasm(wanted, await readBinary(entry, spec, tools), tools);
    },
  }),
});
