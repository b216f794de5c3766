/** Interleaved measurements: noise of the machine hits every contender alike, so ratios of medians can be trusted. */

/** One way of doing the same thing. `run` does it `times` times. */
export interface Contender {
  readonly name: string;
  /** How many of the repetitions it makes, 1 if not said: one that is far slower need not make a sample so long. */
  readonly share?: number;
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
  /**
   * `thread`: only the time that this thread ran, for what computes here and waits for nobody; on a busy machine it says
   * more. `process`: the time that all threads ran.
   */
  readonly clock?: "wall" | "thread" | "process";
}

/** Rounds before the ones that count. */
const warmUpRounds = 2;

let smoke = false;

/** From now on everything runs once, for the test that the benchmarks run at all: the figures mean nothing. */
export function onlySmoke(): void {
  smoke = true;
}

export function isSmoke(): boolean {
  return smoke;
}

/** A number of repetitions, unless everything is to run once. */
export function scaled(full: number, once = 1): number {
  return smoke ? once : full;
}

/** Runs all contenders in turn, round after round, and compares their medians with the first one's. */
export async function compare(contenders: readonly Contender[], options: BenchOptions): Promise<readonly Measured[]> {
  const rounds = scaled(options.rounds ?? 15);
  const times = scaled(options.times);
  const now = { wall: wallNs, thread: threadNs, process: processNs }[options.clock ?? "wall"];
  const samples = contenders.map((): number[] => []);
  for (let round = -scaled(warmUpRounds, 0); round < rounds; round += 1) {
    for (const [index, contender] of contenders.entries()) {
      const own = Math.ceil(times * (contender.share ?? 1));
      const started = now();
      await contender.run(own);
      const ns = (now() - started) / own;
      if (round >= 0) samples[index]?.push(ns);
    }
  }
  const medians = samples.map(median);
  return contenders.map(({ name }, index) => {
    const ns = medians[index] ?? Number.NaN;
    return { name, ns, ratio: ns / (medians[0] ?? Number.NaN) };
  });
}

function wallNs(): number {
  return performance.now() * 1e6;
}

function threadNs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) * 1_000;
}

function processNs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1_000;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which a share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Prints one table, ready for `docs/performance.md`. */
export function printTable(title: string, rows: readonly Measured[]): void {
  printRows(
    title,
    ["median", "ratio"],
    rows.map(({ name, ns, ratio }) => [name, formatNs(ns), ratio.toFixed(2)]),
  );
}

/** Prints one table of several measurements of the same contenders: median and ratio in each cell. */
export function printMatrix(
  title: string,
  columns: readonly string[],
  measured: readonly (readonly Measured[])[],
): void {
  const names = [...new Set(measured.flatMap((column) => column.map(({ name }) => name)))];
  const cell = (name: string, column: readonly Measured[]): string => {
    const found = column.find((row) => row.name === name);
    return found === undefined ? "" : `${formatNs(found.ns)} (${found.ratio.toFixed(2)})`;
  };
  printRows(
    title,
    columns,
    names.map((name) => [name, ...measured.map((column) => cell(name, column))]),
  );
}

/** Prints one table of any cells; the first of each row is its name. */
export function printRows(title: string, columns: readonly string[], rows: readonly (readonly string[])[]): void {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`.replace("|  |", "| |");
  console.log(`\n### ${title}\n`);
  console.log(line(["", ...columns]));
  console.log(line(["---", ...columns.map(() => "---")]));
  for (const row of rows) console.log(line(row));
}

export function formatNs(ns: number): string {
  if (ns < 1_000) return `${ns.toFixed(1)} ns`;
  if (ns < 1_000_000) return `${(ns / 1_000).toFixed(2)} µs`;
  return `${(ns / 1_000_000).toFixed(2)} ms`;
}
