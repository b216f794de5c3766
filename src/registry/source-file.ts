import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative } from "node:path";
import { LineCounter, parseDocument, type Document } from "yaml";
import type { Diagnostic } from "./diagnostic.ts";
import type { Position } from "./entry.ts";
import { Positions } from "./positions.ts";

/** A file that was read and parsed. */
export interface SourceFile {
  /** Absolute. */
  readonly path: string;
  /** As messages name it: relative to the app's root. */
  readonly name: string;
  readonly text: string;
  readonly document: Document.Parsed;
  readonly positions: Positions;
}

/** Every YAML and JSON file below a folder, in order of their paths. `node_modules` and hidden folders are left out. */
export async function findSourceFiles(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry): Promise<string[]> => {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) {
        return entry.name === "node_modules" || entry.name.startsWith(".") ? [] : await findSourceFiles(path);
      }
      return [".yaml", ".yml", ".json"].includes(extname(entry.name)) ? [path] : [];
    }),
  );
  return found.flat().toSorted();
}

/** Reads one file. What is not YAML comes back as diagnostics, unless it is JSON that never meant to be ours. */
export async function readSourceFile(path: string, root: string): Promise<SourceFile | readonly Diagnostic[]> {
  const name = relative(root, path);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const position: Position = { file: name, line: 1, column: 1 };
    return [fileProblem("file-unreadable", `${name} cannot be read: ${String(error)}`, position)];
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false });
  const positions = new Positions({ file: name, text, document, lines });
  if (document.errors.length === 0) return { path, name, text, document, positions };
  if (path.endsWith(".json") && !text.includes('"namespace"')) return [];
  return document.errors.map(({ message, pos }) => fileProblem("yaml-syntax", message, positions.range(...pos)));
}

/** A diagnostic about a file as a whole. */
export function fileProblem(
  code: "yaml-syntax" | "file-unreadable" | "missing-namespace-entries" | "missing-name" | "missing-kind",
  message: string,
  position: Position,
): Diagnostic {
  return { code, severity: "error", message, entry: undefined, position, hint: undefined };
}
