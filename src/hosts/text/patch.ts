import { WeftError } from "../../core/errors.ts";
import { compareLines } from "./diff.ts";

/** One change of a text: lines that go, lines that come, and some around them by which the place is found. */
export interface Patch {
  /** The line where `before` stood, counted from 1. */
  readonly line: number;
  readonly before: string;
  readonly after: string;
}

/** Lines that stay the same, kept on both sides of a change. */
const contextLines = 3;

/** The changes that make one text of another. @throws WeftError for texts that are too long or too different. */
export function makePatches(before: string, after: string): Patch[] {
  const patches: Patch[] = [];
  let open: { line: number; before: string[]; after: string[]; trailing: number } | undefined;
  let line = 1;
  let recent: string[] = [];
  const close = (): void => {
    if (open === undefined) return;
    const surplus = Math.max(0, open.trailing - contextLines);
    const end = (lines: readonly string[]): string => lines.slice(0, lines.length - surplus).join("");
    patches.push({ line: open.line, before: end(open.before), after: end(open.after) });
    open = undefined;
  };
  for (const { operation, text } of compareLines(before, after)) {
    for (const each of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
      if (operation === "equal") {
        if (open !== undefined) {
          open.before.push(each);
          open.after.push(each);
          open.trailing += 1;
          // Two changes whose surroundings would meet are one.
          if (open.trailing > 2 * contextLines) close();
        }
        recent = [...recent.slice(-contextLines + 1), each];
      } else {
        open ??= { line: line - recent.length, before: [...recent], after: [...recent], trailing: 0 };
        open.trailing = 0;
        open[operation === "delete" ? "before" : "after"].push(each);
        recent = [];
      }
      if (operation !== "insert") line += 1;
    }
  }
  close();
  return patches;
}

/** The text with its changes, each where its lines stand, and whether all of them found their place. */
export function applyPatches(
  patches: readonly Patch[],
  text: string,
): { readonly text: string; readonly all: boolean } {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  let moved = 0;
  let all = true;
  for (const { line, before, after } of patches) {
    const [gone, come] = [before, after].map((each) => each.match(/[^\n]*\n|[^\n]+$/g) ?? []);
    if (gone === undefined || come === undefined) continue;
    const at = placeOf(lines, gone, line - 1 + moved);
    if (at === undefined) {
      all = false;
      continue;
    }
    lines.splice(at, gone.length, ...come);
    moved = at - (line - 1) + come.length - gone.length;
  }
  return { text: lines.join(""), all };
}

/** Where some lines stand, as near as can be to where they are expected. */
function placeOf(lines: readonly string[], wanted: readonly string[], expected: number): number | undefined {
  const fits = (at: number): boolean => at >= 0 && wanted.every((each, i) => lines[at + i] === each);
  for (let distance = 0; distance <= lines.length; distance += 1) {
    for (const at of [expected - distance, expected + distance]) if (at <= lines.length && fits(at)) return at;
  }
  return undefined;
}

/** Reads patches that a program gives back. @throws WeftError `INVALID_ARGUMENT`. */
export function readPatch(value: unknown): Patch {
  if (typeof value === "object" && value !== null && "line" in value && "before" in value && "after" in value) {
    const { line, before, after } = value;
    if (typeof line === "number" && typeof before === "string" && typeof after === "string") {
      return { line, before, after };
    }
  }
  throw new WeftError("INVALID_ARGUMENT", "patches are what patch_make gives: a list of {line, before, after}");
}
