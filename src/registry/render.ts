import { readFileSync } from "node:fs";
import { join } from "node:path";
import { styleText } from "node:util";
import type { Diagnostic } from "./diagnostic.ts";

/** How to show diagnostics. */
export interface RenderOptions {
  /** The app's root: positions name files relative to it. */
  readonly root: string;
  readonly color?: boolean;
}

/** A diagnostic for people: place, message, the lines around it, and how to mend it. */
export function formatDiagnostic(diagnostic: Diagnostic, { root, color = false }: RenderOptions): string {
  const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
    color ? styleText(style, text, { validateStream: false }) : text;
  const { position, severity, code, message, hint, entry } = diagnostic;
  const place = `${position.file}:${position.line}:${position.column}`;
  const about = entry === undefined ? "" : ` ${paint("dim", `(${entry})`)}`;
  const head = `${place} ${paint(severity === "error" ? "red" : "yellow", severity)} ${code}: ${message}${about}`;
  const frame = codeFrame(diagnostic, root).map((line) => paint("dim", line));
  return [head, ...frame, ...(hint === undefined ? [] : [`  ${paint("cyan", "hint:")} ${hint}`])].join("\n");
}

/** The line with the mistake between its neighbours, and a mark below it. */
function codeFrame({ position }: Diagnostic, root: string): string[] {
  let lines: string[];
  try {
    lines = readFileSync(join(root, position.file), "utf8").split("\n");
  } catch {
    return [];
  }
  const { line, column } = position;
  const text = lines[line - 1];
  if (text === undefined) return [];
  const width = String(line + 1).length;
  const row = (number: number): string[] => {
    const content = lines[number - 1];
    return content === undefined ? [] : [`  ${String(number).padStart(width)} | ${content}`];
  };
  const end = position.endLine === line ? (position.endColumn ?? column + 1) : text.length + 1;
  const mark = "^".repeat(Math.max(1, Math.min(end, text.length + 1) - column));
  const pad = text.slice(0, column - 1).replaceAll(/[^\t]/g, " ");
  return [...row(line - 1), ...row(line), `  ${" ".repeat(width)} | ${pad}${mark}`, ...row(line + 1)];
}

/** A diagnostic for programs: what `weft check --json` prints of each. */
export interface DiagnosticJson {
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly entry: string | null;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly hint: string | null;
}

export function diagnosticJson({ code, severity, message, entry, position, hint }: Diagnostic): DiagnosticJson {
  const { file, line, column } = position;
  return { code, severity, message, entry: entry ?? null, file, line, column, hint: hint ?? null };
}
