/** Milliseconds in one of each unit that Go's `time.ParseDuration` knows. */
const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/**
 * Reads a Go duration such as `1h30m`, `250ms` or `-1.5s` into milliseconds.
 * Returns undefined when the text is not one (https://pkg.go.dev/time#ParseDuration).
 */
export function parseDurationMs(text: string): number | undefined {
  const match = /^([+-]?)((?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.exec(text);
  if (match === null) return text === "0" ? 0 : undefined;
  let total = 0;
  for (const [, amount = "", unit = ""] of text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    total += Number(amount) * (unitMs[unit] ?? 0);
  }
  return match[1] === "-" ? -total : total;
}

/** Writes milliseconds for people: `850µs`, `12.3ms`, `4.20s`. */
export function formatMs(ms: number): string {
  if (ms < 1) return `${Math.round(ms * 1_000)}µs`;
  if (ms < 1_000) return `${ms.toFixed(ms < 10 ? 2 : 1)}ms`;
  return `${(ms / 1_000).toFixed(2)}s`;
}
