import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A new directory with the given files, and how to name what is in it. */
export function folder(files: Readonly<Record<string, string>> = {}): { path: string; at: (name: string) => string } {
  const path = mkdtempSync(join(tmpdir(), "weft-files-"));
  const at = (name: string): string => join(path, name);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(at(name)), { recursive: true });
    writeFileSync(at(name), content);
  }
  return { path, at };
}
