/** Says whether a text matches one of the patterns it was made of. */
export type Matcher = (text: string) => boolean;

/**
 * Compiles patterns of actions or resources: an exact text, `*`, or `prefix*`. `prefix.*` is everything that begins with
 * `prefix`, as the format has it. A `*` anywhere else is itself.
 */
export function compilePatterns(patterns: readonly string[]): Matcher {
  if (patterns.includes("*")) return () => true;
  const exact = new Set(patterns.filter((pattern) => !pattern.endsWith("*")));
  const prefixes = patterns.filter((pattern) => pattern.endsWith("*")).map(prefixOf);
  const [only = ""] = exact;
  if (prefixes.length === 0) return exact.size === 1 ? (text) => text === only : (text) => exact.has(text);
  const [prefix = ""] = prefixes;
  if (exact.size === 0 && prefixes.length === 1) return (text) => text.startsWith(prefix);
  return (text) => {
    if (exact.has(text)) return true;
    for (const prefix of prefixes) if (text.startsWith(prefix)) return true;
    return false;
  };
}

function prefixOf(pattern: string): string {
  return pattern.endsWith(".*") ? pattern.slice(0, -2) : pattern.slice(0, -1);
}
