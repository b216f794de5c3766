import type { Value } from "../../core/values.ts";
import type { WitFunction } from "../../wit/types.ts";
import { exitCodes, UsageError, type Command } from "../contract.ts";
import type { CallWith } from "../../boot/runtime.ts";
import type { CallReport } from "../../core/report.ts";
import { toJson } from "../../core/json.ts";
import { toText } from "../json.ts";
import { openApp, runningOptions, settingOptions } from "../open-app.ts";
import { errText, splitResult } from "../outcome.ts";
import { StopSignals } from "../signals.ts";
import { readWords } from "../words.ts";
import type { Screen } from "../screen.ts";

export const call: Command = {
  name: "call",
  aliases: [],
  group: "Run",
  summary: "call a function by its id and print what it returns",
  description:
    "Calls one function of the app. Arguments are read by the function's WIT types: numbers, true and false, texts and names as they " +
    "stand, lists and records as JSON. @FILE is a file's contents, - is stdin. A function without WIT types takes JSON, or the text. " +
    "A WIT result's `err` is printed to stderr, with exit code 1.",
  arguments: [
    { name: "<id>", summary: "the function, as namespace:name" },
    { name: "[args...]", summary: "its arguments" },
  ],
  options: [
    { flags: "--timeout <time>", summary: "give up after this long: 500 (milliseconds), 2s, 1m" },
    { flags: "--report", summary: "say what the call was held to and what it used" },
    { flags: "--isolates <n>", summary: "threads for guests (default: the app's, else 1)" },
    ...settingOptions,
    ...runningOptions,
  ],
  examples: [
    { line: "weft call app:add 6 7", does: "plain words" },
    { line: `weft call app:transform '[{"name": "Ada"}]'`, does: "JSON for lists and records" },
    { line: "weft call app:count @notes.txt --timeout 2s", does: "a file's contents, at most two seconds" },
    { line: "echo Ada | weft call app:greet - --json", does: "from stdin; the result as JSON" },
    { line: "weft call app:negate -- -7", does: "after --, nothing is an option" },
  ],
  passesOptions: false,
  async run(input, screen) {
    const [id = "", ...words] = input.words;
    if (id === "") throw new UsageError("weft call needs the id of a function", "`weft list` shows those that exist.");
    const timeoutMs = input.milliseconds("timeout");
    const isolates = input.count("isolates", 0);
    const { app, log } = await openApp(input, screen);
    const signature = app.placements.get(id)?.signature;
    const args = await readWords(words, { id, signature });
    using signals = new StopSignals();
    const { startApp } = await import("../../boot/runtime.ts");
    await using runtime = await startApp(app, { log, isolates: isolates ?? app.config.isolates ?? 1 });
    let report: CallReport | undefined;
    const options: CallWith = {
      signal: signals.signal,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(input.flag("report") ? { onReport: (made) => (report = made) } : {}),
    };
    try {
      return printResult(await runtime.callWith(id, args, options), signature, screen);
    } catch (error) {
      if (signals.exitCode === undefined) throw error;
      return signals.exitCode;
    } finally {
      if (report !== undefined) talkReport(report, screen);
    }
  },
};

/** Tells what a call used, on stderr: a line for people, JSON with `--json`. */
function talkReport(report: CallReport, screen: Screen): void {
  if (screen.json) return screen.talk(toJson(report));
  const { used, limits } = report;
  const lines = Object.entries({ executionMs: report.executionMs, ...used }).map(([name, value]) => {
    const limit = Object.entries(limits).find(([limited]) => limited === name)?.[1];
    const rounded = Number.isInteger(value) ? value : value.toFixed(2);
    return `  ${name}: ${rounded}${limit === undefined ? "" : ` of ${limit}`}`;
  });
  screen.talk([`${report.entry} on isolate ${report.isolate}`, ...lines].join("\n"));
}

/** Prints what a function returned, and gives the exit code. With `--json` a `result` keeps its `ok` or `err`. */
export function printResult(value: Value, signature: WitFunction | undefined, screen: Screen): number {
  const { ok = null, err } = signature?.result?.kind === "result" ? splitResult(value) : { ok: value };
  if (screen.json) screen.result(value, () => "");
  else if (err !== undefined) screen.talk(`${screen.paintTalk(["bold", "red"], "error")}: ${errText(err)}`);
  else if (ok instanceof Uint8Array) screen.printBytes(ok);
  else if (ok !== null || signature?.result?.kind === "option") screen.print(toText(ok));
  return err === undefined ? exitCodes.ok : exitCodes.failure;
}
