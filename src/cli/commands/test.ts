import type { Runtime } from "../../boot/runtime.ts";
import { formatMs } from "../../core/durations.ts";
import { counted } from "../columns.ts";
import { exitCodes, type Command } from "../contract.ts";
import { toFailure } from "../failure.ts";
import { openApp, runningOptions, settingOptions } from "../open-app.ts";
import { errText, splitResult } from "../outcome.ts";
import type { Screen } from "../screen.ts";
import { StopSignals } from "../signals.ts";
import { planTests, reportOf, type TestCase, type TestReport, type TestResult } from "../test-run.ts";

export const test: Command = {
  name: "test",
  aliases: [],
  group: "Run",
  summary: "run the app's tests: entries with meta.type: test",
  description:
    "Calls every entry with `meta.type: test`, by `meta.suite` and `meta.order`. A test passes when it ends without an error and " +
    "does not return false. `meta.skip: REASON` skips one. A filter selects the ids that begin with it.",
  arguments: [{ name: "[filters...]", summary: "beginnings of ids" }],
  options: [
    { flags: "--timeout <time>", summary: "longest time for one test: 500 (milliseconds), 2s, 1m" },
    { flags: "--isolates <n>", summary: "threads for guests (default: the app's, else one a core)" },
    ...settingOptions,
    ...runningOptions,
  ],
  examples: [
    { line: "weft test", does: "all of them" },
    { line: "weft test app.users", does: "those in app.users and below" },
    { line: "weft test --json", does: "{passed, failed, skipped, tests}" },
  ],
  passesOptions: false,
  async run(input, screen) {
    const { app, log } = await openApp(input, screen);
    const tests = planTests(app.registry.find({ "meta.type": "test" }), input.words);
    if (tests.length === 0 && input.words.length > 0)
      screen.talk(`no test's id begins with ${input.words.join(" or ")}`);
    if (app.failures.size > 0) {
      const broken = counted(app.failures.size, "entry", "entries");
      screen.talk(`${broken} of the app did not load: \`weft check\` says why`);
    }
    const started = performance.now();
    const { startApp } = await import("../../boot/runtime.ts");
    const isolates = input.count("isolates", 0);
    await using runtime = await startApp(app, { log, ...(isolates === undefined ? {} : { isolates }) });
    using signals = new StopSignals();
    const timeoutMs = input.milliseconds("timeout");
    const results: TestResult[] = [];
    for (const planned of tests) {
      if (signals.exitCode !== undefined) return signals.exitCode;
      const limits = timeoutMs === undefined ? {} : { timeoutMs };
      const result = await runTest(runtime, planned, { ...limits, signal: signals.signal });
      if (result.suite !== results.at(-1)?.suite) screen.print(screen.paint("bold", result.suite));
      screen.print(resultText(result, screen));
      results.push(result);
    }
    const report = reportOf(results);
    screen.result(report, () => summary(report, performance.now() - started, screen));
    const found = tests.length > 0 || input.words.length === 0;
    return report.failed === 0 && found ? exitCodes.ok : exitCodes.failure;
  },
};

async function runTest(
  runtime: Runtime,
  { id, suite, skip }: TestCase,
  options: { readonly timeoutMs?: number; readonly signal: AbortSignal },
): Promise<TestResult> {
  if (skip !== undefined) return { id, suite, status: "skipped", duration_ms: 0, reason: skip };
  const started = performance.now();
  const error = await errorOf(runtime, id, options);
  const duration_ms = Math.round((performance.now() - started) * 1_000) / 1_000;
  if (error === undefined) return { id, suite, status: "passed", duration_ms };
  return { id, suite, status: "failed", duration_ms, error };
}

/** Why a test fails, or undefined when it passes. */
async function errorOf(
  runtime: Runtime,
  id: string,
  options: { readonly timeoutMs?: number; readonly signal: AbortSignal },
): Promise<string | undefined> {
  try {
    const value = await runtime.callWith(id, [], options);
    if (value === false) return "the test returned false";
    if (runtime.signature(id)?.result?.kind !== "result") return undefined;
    const { err } = splitResult(value);
    return err === undefined ? undefined : errText(err);
  } catch (error) {
    const { message, guestStack } = toFailure(error);
    return guestStack === undefined || guestStack === "" ? message : `${message}\n${guestStack}`;
  }
}

function resultText({ id, status, duration_ms, error, reason }: TestResult, screen: Screen): string {
  const time = screen.paint("dim", formatMs(duration_ms));
  if (status === "skipped")
    return `  ${screen.paint("yellow", "-")} ${id}  ${screen.paint("yellow", `skipped: ${reason}`)}`;
  if (status === "passed") return `  ${screen.paint("green", "✓")} ${id}  ${time}`;
  const lines = (error ?? "").split("\n").map((line) => `      ${line}`);
  return [`  ${screen.paint("red", "✗")} ${id}  ${time}`, ...lines].join("\n");
}

function summary({ passed, failed, skipped, tests }: TestReport, ms: number, screen: Screen): string {
  if (tests.length === 0) return "no tests";
  const parts = [
    screen.paint("green", `${passed} passed`),
    ...(failed > 0 ? [screen.paint("red", `${failed} failed`)] : []),
    ...(skipped > 0 ? [screen.paint("yellow", `${skipped} skipped`)] : []),
  ];
  return `\n${parts.join(", ")} of ${counted(tests.length, "test")} in ${formatMs(ms)}`;
}
