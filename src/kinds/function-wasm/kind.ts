import { z } from "zod";
import { binaryFields, binaryProblems, readBytes } from "../shared/binary.ts";
import { importProblems } from "../shared/imports.ts";
import { linkProgram } from "../shared/link-program.ts";
import { handlerMethod } from "../../hosts/http/handler-export.ts";
import { placeWasm } from "../shared/place-wasm.ts";
import { resolvePool } from "../shared/pool.ts";
import { defineProgramKind } from "../shared/program-kind.ts";
import { methodSchema, wasmFields, wasmReferences } from "../shared/wasm-fields.ts";

const schema = z.strictObject({
  ...binaryFields,
  method: methodSchema
    .optional()
    .describe("The export to call: `name`, or `interface#name`; default the handler of an HTTP component."),
  ...wasmFields,
});

/** A function in a WebAssembly binary. */
export const functionWasmKind = defineProgramKind({
  name: "function.wasm",
  summary: "A function in a WebAssembly binary, a core module or a component, pinned by its hash.",
  schema,
  rules: [binaryProblems, importProblems],
  build: (spec, entry) => ({
    references: wasmReferences(entry, spec),
    warnings: [],
    provides: {},
    link: (placement, tools) => linkProgram(entry, spec.imports, { placement, tools }),
    place: async (tools) => {
      const { pool, method } = spec;
      const binary = await readBytes(entry, spec, tools);
      const called = method?.trim() ?? { core: "", component: handlerMethod };
      const wanted = { entry, spec, role: "function", pool: resolvePool(pool), method: called } as const;
      return await placeWasm(wanted, binary, tools);
    },
  }),
});
