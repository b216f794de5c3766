// Turns text into wasm and core modules into components, with the libraries the project already has:
//   node tools/wasm.ts wat IN.wat OUT.wasm
//   node tools/wasm.ts component CORE.wasm OUT.wasm [--wit FILE.wit] [--adapter command|reactor]
//   node tools/wasm.ts truncate IN.wasm OUT.wasm LENGTH
import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import {
  componentEmbed,
  componentNew,
  parse,
  preview1AdapterCommandPath,
  preview1AdapterReactorPath,
} from "@bytecodealliance/jco";
import openWabt from "wabt";

const features = { bulk_memory: true, multi_value: true, reference_types: true, exceptions: true } as const;

async function assemble(from: string): Promise<Uint8Array> {
  const text = await readFile(from, "utf8");
  if (/^\s*\(component/m.test(text)) return parse(text);
  const wabt = await openWabt();
  using module = disposable(wabt.parseWat(from, text, features));
  module.value.validate();
  return module.value.toBinary({ write_debug_names: true }).buffer;
}

function disposable<T extends { destroy(): void }>(value: T): { value: T; [Symbol.dispose](): void } {
  return { value, [Symbol.dispose]: () => value.destroy() };
}

async function adapterBytes(which: string): Promise<Uint8Array> {
  const at = which === "command" ? preview1AdapterCommandPath() : preview1AdapterReactorPath();
  return readFile(at);
}

async function component(from: string, options: { wit?: string; adapter?: string }): Promise<Uint8Array> {
  let core: Uint8Array = await readFile(from);
  if (options.wit) core = await componentEmbed({ binary: core, witSource: await readFile(options.wit, "utf8") });
  if (!options.adapter) return componentNew(core);
  return componentNew(core, [["wasi_snapshot_preview1", await adapterBytes(options.adapter)]]);
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { wit: { type: "string" }, adapter: { type: "string" } },
});
const [command, from, to, length] = positionals;
if (!from || !to) throw new Error("usage: wasm.ts wat|component|truncate IN OUT");
if (command === "wat") await writeFile(to, await assemble(from));
else if (command === "component") await writeFile(to, await component(from, values));
else if (command === "truncate") await writeFile(to, (await readFile(from)).subarray(0, Number(length)));
else throw new Error(`unknown command ${command}`);
