import { InvalidModuleError } from "./binary/invalid-module.ts";

/**
 * Compiles a core module (lazily: V8 validates now and makes code when functions are first called).
 * @throws InvalidModuleError when V8 refuses it.
 */
export function compileModule(bytes: Uint8Array): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes);
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    const [, text = message, offset = "0"] = /^WebAssembly\.Module\(\): (.*?)(?: @\+(\d+))?$/s.exec(message) ?? [];
    throw new InvalidModuleError(text, Number(offset));
  }
}
