/** Names longer than this are compared by their beginning: a hint is not worth a quadratic walk over a long text. */
const comparedLength = 64;

/** Up to `limit` of the known names that a person who wrote `wanted` may have meant, the likeliest first. */
export function nearestNames(wanted: string, known: Iterable<string>, limit = 3): string[] {
  const plain = fold(wanted);
  const allowed = Math.max(1, Math.floor((plain.length + 1) / 3));
  const scored: { readonly name: string; readonly distance: number }[] = [];
  for (const name of known) {
    const distance = editDistance(plain, fold(name));
    if (distance <= allowed) scored.push({ name, distance });
  }
  return scored
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, limit)
    .map((candidate) => candidate.name);
}

/** Case and word separators are the commonest slips, so they cost nothing. */
function fold(name: string): string {
  return name.slice(0, comparedLength).toLowerCase().replaceAll(/[-_ ]/g, "");
}

/** Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(previous, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(replaced, at(previous, j) + 1, at(row, j - 1) + 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) best = Math.min(best, at(before, j - 2) + 1);
      row.push(best);
    }
    before = previous;
    previous = row;
  }
  return at(previous, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? 0;
}

/** Near names as a hint; undefined without any. */
export function didYouMean(near: readonly string[]): string | undefined {
  return near.length === 0 ? undefined : `did you mean ${near.join(" or ")}?`;
}

/** The end of a message about a name that nobody knows: what it may have meant, or nothing. */
export function nearestSuffix(wanted: string, known: Iterable<string>): string {
  const hint = didYouMean(nearestNames(wanted, known));
  return hint === undefined ? "" : `; ${hint}`;
}
