import { parentPort } from "node:worker_threads";
import type { ToolFiles, ToolOutcome, ToolTask } from "./tool.ts";

/** Runs tasks of `toolchain.ts` one by one. jco is loaded with the first task that needs it. */
parentPort?.on("message", (task: ToolTask) => void answer(task));

async function answer(task: ToolTask): Promise<void> {
  parentPort?.postMessage(await run(task), []);
}

async function run(task: ToolTask): Promise<ToolOutcome> {
  try {
    return { ok: true, files: task.kind === "parse" ? await parse(task.text) : await transpile(task) };
  } catch (thrown) {
    return { ok: false, message: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

async function parse(text: string): Promise<ToolFiles> {
  const tools = await import("@bytecodealliance/jco-transpile/wasm-tools");
  return { "module.wasm": await tools.parse(text) };
}

async function transpile(task: Extract<ToolTask, { kind: "transpile" }>): Promise<ToolFiles> {
  const { transpileBytes } = await import("@bytecodealliance/jco-transpile");
  const { suspending } = task;
  const result = await transpileBytes(task.bytes, {
    name: "component",
    instantiation: "async",
    nodejsCompat: false,
    emitTypescriptDeclarations: false,
    // Told from a trap by its class; a bare payload could not be.
    noComponentErrorWrapping: false,
    ...(suspending === undefined
      ? {}
      : { asyncMode: "jspi", asyncImports: [...suspending.imports], asyncExports: [...suspending.exports] }),
  });
  return result.files;
}
