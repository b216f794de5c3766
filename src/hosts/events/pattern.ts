import { WeftError } from "../../core/errors.ts";

/** A pattern with more segments than this is a mistake. */
const maxSegments = 32;

type Segment = "one" | "many" | ReadonlySet<string>;

/** Tests a dotted name. */
export type NamePattern = (name: string) => boolean;

/**
 * Reads a pattern of dotted names: each segment is itself, `*` for any one, `**` for any number, or `(a|b)` for one of several.
 * @throws WeftError `INVALID_ARGUMENT`.
 */
export function compilePattern(text: string): NamePattern {
  if (text === "") throw new WeftError("INVALID_ARGUMENT", "a pattern is required; ** matches everything");
  const segments = text.split(".").map(readSegment);
  if (segments.length > maxSegments) {
    throw new WeftError("INVALID_ARGUMENT", `a pattern has ${maxSegments} segments at most`);
  }
  if (segments.every((segment) => segment === "many")) return () => true;
  return (name) => matches(segments, name.split("."));
}

function readSegment(text: string): Segment {
  if (text === "*") return "one";
  if (text === "**") return "many";
  return new Set(text.startsWith("(") && text.endsWith(")") ? text.slice(1, -1).split("|") : [text]);
}

/** Follows all ways at once: `reached` holds how many segments may have been used up after each part of the name. */
function matches(segments: readonly Segment[], parts: readonly string[]): boolean {
  let reached = withSkipped(segments, new Set([0]));
  for (const part of parts) {
    const next = new Set<number>();
    for (const at of reached) {
      const segment = segments[at];
      if (segment === "many") next.add(at);
      else if (segment === "one" || segment?.has(part) === true) next.add(at + 1);
    }
    if (next.size === 0) return false;
    reached = withSkipped(segments, next);
  }
  return reached.has(segments.length);
}

/** `**` may stand for nothing. */
function withSkipped(segments: readonly Segment[], reached: Set<number>): Set<number> {
  for (const at of reached) if (segments[at] === "many") reached.add(at + 1);
  return reached;
}
