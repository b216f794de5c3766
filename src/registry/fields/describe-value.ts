const longestShown = 40;

/** The value as a message shows it: its type, and what it is when that is short. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (value instanceof Uint8Array) return "a binary file";
  if (typeof value === "object") return "a mapping";
  const text = typeof value === "bigint" ? String(value) : (JSON.stringify(value) ?? typeof value);
  return `${typeof value} ${text.length > longestShown ? `${text.slice(0, longestShown - 1)}…` : text}`;
}
