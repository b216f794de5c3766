import { stringify } from "yaml";
import type { Screen } from "./screen.ts";

/** A text of more lines than these, a source above all, is cut: its file is at hand. */
const shownLines = 12;

/** The fields of an entry as they hold, after overrides and `file://`, each part under its name; empty parts are left out. */
export function fieldsText(parts: Readonly<Record<string, object>>, screen: Screen): string[] {
  return Object.entries(parts).flatMap(([name, fields]) => {
    if (Object.keys(fields).length === 0) return [];
    const text = stringify(fields, (_key, value: unknown) => (typeof value === "string" ? shortened(value) : value));
    return [`${screen.paint("dim", `  ${name}`)}\n${text.trimEnd().replaceAll(/^(?=.)/gm, "    ")}`];
  });
}

function shortened(text: string): string {
  const lines = text.split("\n");
  if (lines.length <= shownLines) return text;
  return [...lines.slice(0, shownLines), `… and ${lines.length - shownLines} more lines`].join("\n");
}
