import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative } from "node:path";
import { LineCounter, parseDocument, type Document } from "yaml";
import { WeftError } from "../../core/errors.ts";
import { toValue, type Value } from "../../core/values.ts";
import type { Diagnostic } from "../diagnostic.ts";
import type { DiagnosticCode } from "../diagnostic-codes.ts";
import type { Position } from "../entry.ts";
import { Positions } from "./positions.ts";
import { checkTree, tooDeep } from "./tree.ts";

/** A file that was read and parsed. */
export interface SourceFile {
  /** Absolute. */
  readonly path: string;
  /** As messages name it: relative to the app's root. */
  readonly name: string;
  readonly document: Document.Parsed;
  readonly positions: Positions;
  /** What the document says, aliases and merges followed. */
  readonly content: Value;
  readonly warnings: readonly Diagnostic[];
}

/** Files with entries, and folders that could not be searched. */
export interface FoundFiles {
  readonly paths: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/** A document repeats its anchors this often at most: more is an attack on memory, not a registry. */
const maxAliases = 1_000;

/**
 * Every YAML and JSON file below a folder, in order of their paths. `node_modules`, hidden folders and those that
 * `skipped` names (by name, or by path below the folder) are left out.
 */
export async function findSourceFiles(
  directory: string,
  root: string,
  skipped: ReadonlySet<string> = new Set(),
): Promise<FoundFiles> {
  const paths: string[] = [];
  const diagnostics: Diagnostic[] = [];
  const isSkipped = (name: string, path: string): boolean =>
    name === "node_modules" || name.startsWith(".") || skipped.has(name) || skipped.has(relative(directory, path));
  const search = async (folder: string): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      // A source folder that is not there is the caller's mistake; a closed one below it is the author's.
      if (folder === directory) throw error;
      const name = relative(root, folder);
      diagnostics.push(fileProblem("file-unreadable", `${name} cannot be read: ${String(error)}`, startOf(name)));
      return [];
    });
    const inner: Promise<void>[] = [];
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!isSkipped(entry.name, path)) inner.push(search(path));
      } else if ([".yaml", ".yml", ".json"].includes(extname(entry.name))) paths.push(path);
    }
    await Promise.all(inner);
  };
  await search(directory);
  return { paths: paths.toSorted(), diagnostics };
}

/** Reads one file. What is not YAML comes back as diagnostics, unless it is JSON that never meant to be ours. */
export async function readSourceFile(path: string, root: string): Promise<SourceFile | readonly Diagnostic[]> {
  const name = relative(root, path);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    return [fileProblem("file-unreadable", `${name} cannot be read: ${String(error)}`, startOf(name))];
  }
  // Lock files and the like are large, and reading them as YAML would take longer than the whole registry.
  if (path.endsWith(".json") && !text.includes('"namespace"')) return [];
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false });
  const positions = new Positions({ file: name, text, document, lines });
  const syntax = (message: string, start: number, end = start): Diagnostic =>
    fileProblem("yaml-syntax", message, positions.range(start, end));
  const errors = document.errors.map(({ code, message, pos }) => syntax(plainMessage(code, message), ...pos));
  errors.push(...(errors.length > 0 ? [] : checkTree(document).map(({ message, range }) => syntax(message, ...range))));
  if (errors.length > 0) return errors;
  const warnings = document.warnings.map(({ message, pos }): Diagnostic => ({
    ...syntax(message, ...pos),
    severity: "warning",
  }));
  try {
    // Copied, because a text that is cut out of another one keeps all of that: versions keep texts for long.
    const content = structuredClone(toValue(document.toJS({ maxAliasCount: maxAliases }), name));
    return { path, name, document, positions, content, warnings };
  } catch (error) {
    // What only shows when aliases are followed: too many of them, or each inside the next without end.
    const message = error instanceof WeftError || error instanceof ReferenceError ? error.message : String(error);
    return [syntax(message.slice(0, maxMessageLength), 0)];
  }
}

function plainMessage(code: string, message: string): string {
  if (code === "MULTIPLE_DOCS") return "one file holds one document: this is a second one";
  // The parser follows nesting by recursion and reports how that ended.
  return message.startsWith("Maximum call stack") ? tooDeep : message;
}

/** A message may name the path to a value, which in a file made to do harm is as long as the file. */
const maxMessageLength = 200;

function startOf(file: string): Position {
  return { file, line: 1, column: 1 };
}

/** A diagnostic about a file as a whole. */
export function fileProblem(code: DiagnosticCode, message: string, position: Position, hint?: string): Diagnostic {
  return { code, severity: "error", message, entry: undefined, position, hint };
}
