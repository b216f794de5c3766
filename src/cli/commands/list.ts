import { columns, counted } from "../columns.ts";
import { exitCodes, type Command } from "../contract.ts";
import { entryLines, matchesKind, matchesNamespace, type EntryLine } from "../describe-entry.ts";
import { openApp, settingOptions } from "../open-app.ts";
import type { Screen } from "../screen.ts";

export const list: Command = {
  name: "list",
  aliases: ["registry list"],
  group: "Look",
  summary: "list the app's entries: id, kind, signature, state",
  description:
    "Lists the entries of the app. The third column is the WIT signature, or the method of a function without one. " +
    "State is ok, failed (`weft check` says why) or inert: kept as data, because its kind is unknown.",
  arguments: [],
  options: [
    { flags: "--kind <kind>", summary: "only this kind; `function.*` for every kind of function" },
    { flags: "--ns <namespace>", summary: "only this namespace and those below it" },
    ...settingOptions,
  ],
  examples: [
    { line: "weft list", does: "everything" },
    { line: "weft list --kind 'function.*' --ns app", does: "functions in app and below" },
    { line: "weft list --json", does: "with files and lines, for a program" },
  ],
  passesOptions: false,
  async run(input, screen) {
    const { app } = await openApp(input, screen);
    const [kind, namespace] = [input.text("kind"), input.text("ns")];
    const lines = entryLines(app).filter(
      (line) =>
        (kind === undefined || matchesKind(line.kind, kind)) &&
        (namespace === undefined || matchesNamespace(line.id, namespace)),
    );
    screen.result({ entries: lines }, () => table(lines, screen));
    return exitCodes.ok;
  },
};

function table(lines: readonly EntryLine[], screen: Screen): string {
  if (lines.length === 0) return "no entries";
  const rows = lines.map(({ id, kind, signature, method, state }) => [
    screen.paint("bold", id),
    kind,
    signature ?? method ?? "",
    state === "failed" ? screen.paint("red", state) : state === "inert" ? screen.paint("yellow", state) : state,
  ]);
  const head = ["ID", "KIND", "SIGNATURE OR METHOD", "STATE"].map((title) => screen.paint("dim", title));
  return `${columns([head, ...rows])}\n${screen.paint("dim", counted(lines.length, "entry", "entries"))}`;
}
