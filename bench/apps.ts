import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A throw-away app with one `_index.yaml`; removed when disposed. */
export function temporaryApp(index: string): { readonly directory: string } & Disposable {
  const directory = mkdtempSync(join(tmpdir(), "weft-bench-"));
  writeFileSync(join(directory, "weft.yaml"), "src: .\n");
  writeFileSync(join(directory, "_index.yaml"), index);
  return { directory, [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }) };
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
