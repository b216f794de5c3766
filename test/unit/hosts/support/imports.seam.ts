// Seam for calling bound imports by name: their functions have no types here.

/** A function of a bound interface, to be called as an engine calls it. */
export function imported(
  imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  name: string,
  func: string,
): (...args: unknown[]) => any {
  const found = imports[name]?.[func];
  if (typeof found !== "function") throw new Error(`${name} has no ${func}`);
  return found as (...args: unknown[]) => unknown;
}
