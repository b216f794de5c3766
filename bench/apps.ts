import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** An app for one benchmark. */
export interface TemporaryApp extends Disposable {
  readonly directory: string;
  /** Puts a file into its folder. */
  write(name: string, content: Uint8Array): void;
}

/** A throw-away app with one `_index.yaml`; removed when disposed. */
export function temporaryApp(index: string): TemporaryApp {
  const directory = mkdtempSync(join(tmpdir(), "weft-bench-"));
  writeFileSync(join(directory, "weft.yaml"), "src: .\n");
  writeFileSync(join(directory, "_index.yaml"), index);
  return {
    directory,
    write: (name, content) => writeFileSync(join(directory, name), content),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** WAT of `add(s32, s32) -> s32`. */
export const addWat = `(module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))`;

/** An entry that adds two numbers. */
export function addEntry(name: string, pool: string): string {
  return `
  - name: ${name}
    kind: function.wat
    source: '${addWat}'
    wit: "add: func(a: s32, b: s32) -> s32;"
    method: add
    pool: { ${pool} }`;
}

/** A guest's file as an entry needs it: its folder, an `fs.directory` of the app, and its hash. */
export interface GuestFile {
  readonly fs: string;
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** An entry of kind `fs.directory`. */
export function directoryEntry(name: string, directory: string): string {
  return `\n  - { name: ${name}, kind: fs.directory, directory: ${JSON.stringify(directory)} }`;
}

/** An entry that runs a function of a binary. `fields` are further lines of YAML in flow form: `pool: { type: lazy }`. */
export function wasmEntry(name: string, file: GuestFile, fields: readonly string[]): string {
  return binaryEntry(name, "function.wasm", file, fields);
}

/** An entry that runs a binary as a process. */
export function processEntry(name: string, file: GuestFile, fields: readonly string[]): string {
  return binaryEntry(name, "process.wasm", file, fields);
}

function binaryEntry(name: string, kind: string, file: GuestFile, fields: readonly string[]): string {
  const hash = createHash("sha256").update(file.bytes).digest("hex");
  const lines = [`kind: ${kind}`, `fs: ${file.fs}`, `path: ${file.path}`, `hash: sha256:${hash}`, ...fields];
  return `\n  - name: ${name}${lines.map((line) => `\n    ${line}`).join("")}`;
}
