import { readFileSync } from "node:fs";
import { join } from "node:path";
import { styleText } from "node:util";
import type { Diagnostic } from "./diagnostic.ts";
import type { Position } from "./entry.ts";

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
  const about = entry === undefined ? "" : ` ${paint("dim", `(${printable(entry)})`)}`;
  const weight = paint(severity === "error" ? "red" : "yellow", severity);
  const head = `${place} ${weight} ${code}: ${printable(message)}${about}`;
  const frame = codeFrame(position, root).map((line) => paint("dim", line));
  const help = hint === undefined ? [] : [`  ${paint("cyan", "hint:")} ${printable(hint)}`];
  return [head, ...frame, ...help].join("\n");
}

/** A line as wide as this fits a terminal beside its number; of a longer one the part around the mark is shown. */
const frameWidth = 100;

/** The line with the mistake between its neighbours, and a mark below it. */
function codeFrame(position: Position, root: string): string[] {
  const lines = linesOf(join(root, position.file));
  const { line, column } = position;
  const text = lines[line - 1];
  if (text === undefined) return [];
  const width = String(line + 1).length;
  // The mark stays in sight, with more of what comes before it than of what follows.
  const start = column <= frameWidth ? 0 : column - Math.ceil(frameWidth / 2);
  const row = (number: number): string[] => {
    const content = lines[number - 1];
    return content === undefined ? [] : [`  ${String(number).padStart(width)} | ${clip(content, start)}`];
  };
  const end = position.endLine === line ? (position.endColumn ?? column + 1) : text.length + 1;
  const markStart = column - 1 - start + (start > 0 ? 1 : 0);
  const room = frameWidth - markStart;
  const mark = "^".repeat(Math.max(1, Math.min(end - column, text.length + 1 - column, room)));
  const pad = clip(text, start).slice(0, markStart).replaceAll(/[^\t]/g, " ").padEnd(markStart);
  return [...row(line - 1), ...row(line), `  ${" ".repeat(width)} | ${pad}${mark}`, ...row(line + 1)];
}

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, "utf8").split(/\r?\n/);
  } catch {
    return [];
  }
}

function clip(text: string, start: number): string {
  const part = text.slice(start, start + frameWidth);
  return printable(`${start > 0 ? "…" : ""}${part}${text.length > start + frameWidth ? "…" : ""}`);
}

/** Text from files without what would steer the terminal. Lengths stay as they are. */
function printable(text: string): string {
  return text.replaceAll(/(?![\t\n])[\p{Cc}\p{Bidi_Control}]/gu, "\ufffd");
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

/** Makes that of a diagnostic. */
export function diagnosticJson({ code, severity, message, entry, position, hint }: Diagnostic): DiagnosticJson {
  const { file, line, column } = position;
  return { code, severity, message, entry: entry ?? null, file, line, column, hint: hint ?? null };
}
