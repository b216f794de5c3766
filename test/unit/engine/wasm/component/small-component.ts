import { assemble } from "../../../../../src/engine/wasm/assemble.ts";
import { prepareComponent } from "../../../../../src/engine/wasm/component/prepare.ts";
import { linkComponent } from "../../../../../src/engine/wasm/component/link.ts";
import type {
  ComponentArtefact,
  ComponentProgram,
  InstanceImports,
  WasmInstance,
} from "../../../../../src/engine/wasm/program.ts";
import type { Value } from "../../../../../src/core/values.ts";
import { failureOf } from "../support.ts";

/** Parts of a component in WAT whose export `f` is one core function. */
export interface SmallComponent {
  /** Component-level imports and types, before the core part. */
  readonly before?: string;
  /** Core functions that are lowered or made: names that `body` may call, with their core types and definitions. */
  readonly uses?: Readonly<Record<string, { readonly type: string; readonly canon: string }>>;
  /** Fields of the core module. It exports `f`, sees `memory`, and may call `$realloc`. */
  readonly core: string;
  /** Type of the lifted function: `(param "x" u32) (result string)`. */
  readonly type: string;
  /** More options of the lift. */
  readonly options?: string;
  readonly encoding?: "utf8" | "utf16" | "latin1+utf16";
  readonly after?: string;
}

/** Two pages of memory, an allocator that never frees, and a counter of its calls at 8. */
const allocator = `(core module $mem
    (memory (export "memory") 2)
    (global $at (mut i32) (i32.const 4096))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $p i32)
      (local.set $p (i32.and (i32.add (global.get $at) (i32.sub (local.get 2) (i32.const 1))) (i32.sub (i32.const 0) (local.get 2))))
      (global.set $at (i32.add (local.get $p) (local.get 3)))
      (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 1)))
      (local.get $p)))
  (core instance $mem (instantiate $mem))
  (alias core export $mem "memory" (core memory $memory))
  (alias core export $mem "realloc" (core func $realloc))`;

/** Writes a component. In `canon`, `$options` stands for memory, allocator and encoding. */
export function smallComponent(parts: SmallComponent): string {
  const { before = "", uses = {}, core, type, options = "", encoding = "utf8", after = "" } = parts;
  const common = `(memory (core memory $memory)) (realloc (core func $realloc)) string-encoding=${encoding}`;
  const entries = Object.entries(uses);
  const canons = entries.map(([name, { canon }]) => `(core func $${name} ${canon.replace("$options", common)})`);
  const imports = entries.map(([name, use]) => `(import "" "${name}" (func $${name} ${use.type}))`);
  const given = entries.map(([name]) => `(export "${name}" (func $${name}))`);
  return `(component
    ${before} ${allocator} ${canons.join("\n")}
    (core module $m (import "mem" "memory" (memory 1))
      (import "mem" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32))) ${imports.join("\n")} ${core})
    (core instance $i (instantiate $m (with "mem" (instance $mem)) (with "" (instance ${given.join(" ")}))))
    (func (export "f") ${type} (canon lift (core func $i "f") ${common} ${options}))
    ${after})`;
}

/** What an instance is made with. */
export interface Making {
  readonly method?: string;
  readonly imports?: InstanceImports;
  /** Ours, unless another one is to be compared. */
  readonly engine?: ComponentArtefact["engine"];
  readonly suspending?: (interfaceName: string, functionName: string) => boolean;
}

/** Prepares a component for an engine, and insists on it. */
export async function prepareDirect(text: string | Uint8Array, making: Making = {}): Promise<ComponentProgram> {
  const { method = "f", suspending, engine = "direct" } = making;
  const bytes = typeof text === "string" ? await assemble(text, "test:small") : text;
  const program = await prepareComponent(bytes, {
    name: "test:small",
    method,
    engine,
    ...(suspending && { suspending }),
  });
  if (program.artefact.engine !== engine) throw new Error("declined");
  return program;
}

/** An instance on our own engine. */
export async function directInstance(text: string | Uint8Array, making: Making = {}): Promise<WasmInstance> {
  return await linkComponent(await prepareDirect(text, making)).instantiate(making.imports ?? {});
}

/** One call of a fresh instance. */
export async function callOnce(
  text: string | SmallComponent,
  args: readonly Value[] = [],
  making: Making = {},
): Promise<Value> {
  const written = typeof text === "string" ? text : smallComponent(text);
  return await (await directInstance(written, making)).call(args);
}

/** The code and message of the failure that a call ends with. */
export async function trapOf(
  text: string | SmallComponent,
  args: readonly Value[] = [],
  making: Making = {},
): Promise<{ readonly code: string; readonly message: string }> {
  const { code, message } = await failureOf(() => callOnce(text, args, making));
  return { code, message };
}
