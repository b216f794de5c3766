import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { formatNs, printRows, scaled } from "./harness.ts";
import type { SleepReport } from "./sleepers.ts";

const run = promisify(execFile);
const program = fileURLToPath(new URL("./sleepers.ts", import.meta.url));

const names = {
  raw: "raw: WebAssembly.promising, a module without memory",
  weft: "weft: Rust components on one isolate",
  jco: "jco 1.35: the same component",
} as const;

/** B10: many component instances that sleep at once on one isolate. Each row is a process of its own. */
export async function bench(): Promise<void> {
  for (const sleepers of [scaled(1_000, 10), scaled(5_000, 20)]) {
    const rows: string[][] = [];
    let first: SleepReport | undefined;
    for (const [name, title] of Object.entries(names)) {
      const report = await sleep(name, sleepers);
      first ??= report;
      rows.push(report === undefined ? [title, "failed", "", "", ""] : [title, ...cells(report, first, sleepers)]);
    }
    printRows(
      `B10: ${sleepers.toLocaleString("en")} sleepers`,
      ["time beyond the sleep", "of each", "resident memory of each", "ratio"],
      rows,
    );
  }
}

function cells(report: SleepReport, first: SleepReport | undefined, sleepers: number): string[] {
  return [
    `${report.extraMs.toFixed(0)} ms`,
    formatNs((report.extraMs * 1e6) / sleepers),
    `${(report.bytesEach / 1_024).toFixed(1)} KB`,
    (report.bytesEach / (first?.bytesEach ?? Number.NaN)).toFixed(2),
  ];
}

/** One measurement; undefined when the process failed, which is a result, too. */
async function sleep(name: string, sleepers: number): Promise<SleepReport | undefined> {
  const args = ["--expose-gc", "--disable-warning=ExperimentalWarning", program, name, String(sleepers)];
  try {
    const { stdout } = await run(process.execPath, args, { timeout: 100_000 });
    return JSON.parse(stdout);
  } catch (error) {
    console.error(`${name}, ${sleepers}: ${String(error).slice(0, 300)}`);
    return undefined;
  }
}
