import { assemble } from "../../src/engine/wasm/assemble.ts";
import { prepareComponent } from "../../src/engine/wasm/component/prepare.ts";
import { prepareCore } from "../../src/engine/wasm/core/prepare.ts";
import { isSuspending, isSuspendingAlong } from "../../src/hosts/index.ts";
import type { Placement } from "../../src/registry/placement.ts";
import { parseWit } from "../../src/wit/parse/parse.ts";

type Overrides = Partial<Placement>;

const plain: Omit<Placement, "id" | "program" | "signature"> = {
  kind: "function.wat",
  role: "function",
  resultForm: "pair",
  imports: [],
  wasi: { args: [], cwd: "/", env: {}, mounts: [] },
  limits: {},
  pool: {
    type: "lazy",
    minSlots: 0,
    maxSlots: 100,
    queueLength: Infinity,
    onFull: "wait",
    workerClass: undefined,
    state: "fresh",
  },
  options: {},
  defaultHost: undefined,
};

/** A placement of WebAssembly text, as its kind would make it. */
export async function watPlacement(
  id: string,
  source: string,
  wit: string,
  overrides: Overrides = {},
): Promise<Placement> {
  const [signature] = parseWit(wit).functions;
  if (signature === undefined) throw new Error("the WIT text has no function");
  const bytes = await assemble(source, id);
  const program = prepareCore(bytes, {
    name: id,
    method: signature.name,
    signature,
    pristine: overrides.role !== "process" && overrides.pool?.state !== "kept",
    ...(overrides.limits && { limits: overrides.limits }),
  });
  return { ...plain, id, program, signature, ...overrides };
}

/** A placement of a component, as text or in binary. */
export async function componentPlacement(
  id: string,
  source: string | Uint8Array,
  method: string,
  overrides: Overrides = {},
): Promise<Placement> {
  const bytes = typeof source === "string" ? await assemble(source, id) : source;
  const program = await prepareComponent(bytes, {
    name: id,
    method,
    suspending: isSuspending,
    suspendingAlong: isSuspendingAlong,
    ...(overrides.limits && { limits: overrides.limits }),
  });
  return { ...plain, kind: "function.wasm", id, program, signature: program.signature, ...overrides };
}

/** A placement of Lua source that returns a function. */
export function luaPlacement(
  id: string,
  source: string,
  modules: readonly string[],
  overrides: Overrides = {},
): Placement {
  const program = {
    type: "lua",
    name: id,
    source,
    file: "test.lua",
    firstLine: 1,
    method: undefined,
    modules,
    imports: {},
  } as const;
  return { ...plain, kind: "function.lua", id, program, signature: undefined, ...overrides };
}

/** A pool like `base` with something else about it. */
export function pool(overrides: Partial<Placement["pool"]>): Placement["pool"] {
  return { ...plain.pool, ...overrides };
}
