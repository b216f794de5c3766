import { readFile } from "node:fs/promises";
import { CommandError } from "./contract.ts";

/**
 * Reads a program for `exec` and `inspect`: a binary as it is, a `.wat` file assembled.
 * @throws CommandError when there is no such file, or its text is wrong.
 */
export async function readProgram(file: string): Promise<Uint8Array> {
  const bytes = await readBytes(file);
  if (!file.endsWith(".wat")) return bytes;
  const [{ assemble }, { AssembleError }] = await Promise.all([
    import("../engine/wasm/assemble.ts"),
    import("../engine/wasm/assemble-error.ts"),
  ]);
  try {
    return await assemble(bytes.toString("utf8"), file);
  } catch (error) {
    if (!(error instanceof AssembleError)) throw error;
    const place = `${file}:${error.line}:${error.column}`;
    throw new CommandError(
      "INVALID_ARGUMENT",
      `${place}: ${error.message}`,
      "Mend the WebAssembly text at this place.",
    );
  }
}

async function readBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new CommandError("FILE_NOT_FOUND", unreadable(file, error), "Check the path.");
  }
}

/** Why a file could not be read, for people. */
export function unreadable(file: string, error: unknown): string {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return `there is no file ${file}`;
  return `cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`;
}

/** Runs a reader of binaries; what it says against the bytes becomes an error that names the file. */
export async function readingOf<T>(file: string, read: () => T | Promise<T>): Promise<T> {
  const { InvalidModuleError } = await import("../engine/wasm/binary/invalid-module.ts");
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof InvalidModuleError)) throw error;
    const help =
      "It must be a WebAssembly module or component, whole and unpacked (.wasm), or WebAssembly text (.wat).";
    throw new CommandError("INVALID_ARGUMENT", `${file}: ${error.message}`, help);
  }
}
