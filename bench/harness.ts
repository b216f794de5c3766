/** Interleaved measurements: noise of the machine hits every contender alike, so ratios of medians can be trusted. */

/** One way of doing the same thing. `run` does it `times` times. */
export interface Contender {
  readonly name: string;
  run(times: number): unknown;
}

/** What came out for one contender. */
export interface Measured {
  readonly name: string;
  /** Median nanoseconds per repetition. */
  readonly ns: number;
  /** `ns` over that of the first contender. */
  readonly ratio: number;
}

export interface BenchOptions {
  /** Repetitions in one sample; chosen so that a sample takes milliseconds. */
  readonly times: number;
  readonly rounds?: number;
}

/** Runs all contenders in turn, round after round, and compares their medians with the first one's. */
export async function compare(contenders: readonly Contender[], options: BenchOptions): Promise<readonly Measured[]> {
  const rounds = options.rounds ?? 15;
  const samples = contenders.map((): number[] => []);
  for (let round = -2; round < rounds; round += 1) {
    for (const [index, contender] of contenders.entries()) {
      const started = process.hrtime.bigint();
      await contender.run(options.times);
      const ns = Number(process.hrtime.bigint() - started) / options.times;
      // The first two rounds warm up.
      if (round >= 0) samples[index]?.push(ns);
    }
  }
  const medians = samples.map(median);
  return contenders.map(({ name }, index) => {
    const ns = medians[index] ?? Number.NaN;
    return { name, ns, ratio: ns / (medians[0] ?? Number.NaN) };
  });
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Prints one table, ready for `docs/performance.md`. */
export function printTable(title: string, rows: readonly Measured[]): void {
  console.log(`\n### ${title}\n\n| | median | ratio |\n| --- | --- | --- |`);
  for (const { name, ns, ratio } of rows) console.log(`| ${name} | ${formatNs(ns)} | ${ratio.toFixed(2)} |`);
}

export function formatNs(ns: number): string {
  if (ns < 1_000) return `${ns.toFixed(1)} ns`;
  if (ns < 1_000_000) return `${(ns / 1_000).toFixed(2)} µs`;
  return `${(ns / 1_000_000).toFixed(2)} ms`;
}
