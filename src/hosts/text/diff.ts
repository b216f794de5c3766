import { WeftError } from "../../core/errors.ts";

/** A run of lines that both texts have, or one of them. */
export interface Difference {
  readonly operation: "equal" | "delete" | "insert";
  readonly text: string;
}

/** Lines that both texts have together. */
const maxLines = 20_000;
/** Lines that differ: the work grows with its square. */
const maxDifferences = 2_000;

/** How one text becomes another, line by line, with as few changes as can be (E. Myers, 1986). @throws WeftError. */
export function compareLines(before: string, after: string): Difference[] {
  const [a, b] = [linesOf(before), linesOf(after)];
  if (a.length + b.length > maxLines)
    throw new WeftError("INVALID_ARGUMENT", `the texts have more than ${maxLines} lines`);
  return joined(walkBack(a, b, shortestWays(a, b)));
}

/** A text's lines, each with the end that it has. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** For each number of changes, how far along `a` one gets on each diagonal. */
function shortestWays(a: readonly string[], b: readonly string[]): readonly ReadonlyMap<number, number>[] {
  const ways: ReadonlyMap<number, number>[] = [];
  let reached = new Map([[1, 0]]);
  for (let changes = 0; changes <= Math.min(a.length + b.length, maxDifferences); changes += 1) {
    const next = new Map<number, number>();
    for (let diagonal = -changes; diagonal <= changes; diagonal += 2) {
      let x = startOf(reached, diagonal, changes);
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x += 1;
      next.set(diagonal, x);
      if (x >= a.length && x - diagonal >= b.length) return [...ways, next];
    }
    ways.push(next);
    reached = next;
  }
  throw new WeftError("INVALID_ARGUMENT", `the texts differ in more than ${maxDifferences} lines`);
}

function startOf(reached: ReadonlyMap<number, number>, diagonal: number, changes: number): number {
  const [left, right] = [reached.get(diagonal - 1) ?? -1, reached.get(diagonal + 1) ?? -1];
  return diagonal === -changes || (diagonal !== changes && left < right) ? right : left + 1;
}

function walkBack(
  a: readonly string[],
  b: readonly string[],
  ways: readonly ReadonlyMap<number, number>[],
): Difference[] {
  const found: Difference[] = [];
  let [x, y] = [a.length, b.length];
  for (let changes = ways.length - 1; changes >= 0; changes -= 1) {
    const reached = ways[changes - 1] ?? new Map([[1, 0]]);
    const diagonal = x - y;
    const [left, right] = [reached.get(diagonal - 1) ?? -1, reached.get(diagonal + 1) ?? -1];
    const isInsert = diagonal === -changes || (diagonal !== changes && left < right);
    const start = isInsert ? right : left + 1;
    while (x > start && y > start - diagonal) {
      x -= 1;
      y -= 1;
      found.push({ operation: "equal", text: a[x] ?? "" });
    }
    if (changes === 0) break;
    if (isInsert) y -= 1;
    else x -= 1;
    found.push(isInsert ? { operation: "insert", text: b[y] ?? "" } : { operation: "delete", text: a[x] ?? "" });
  }
  return found.toReversed();
}

/** Neighbours of one sort as one. */
function joined(differences: readonly Difference[]): Difference[] {
  const runs: Difference[] = [];
  for (const each of differences) {
    const last = runs.at(-1);
    if (last?.operation === each.operation) runs[runs.length - 1] = { ...last, text: last.text + each.text };
    else runs.push(each);
  }
  return runs;
}
