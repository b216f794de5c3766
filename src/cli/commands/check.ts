import { diagnosticJson, formatDiagnostic } from "../../registry/render.ts";
import type { Diagnostic } from "../../registry/diagnostic.ts";
import { counted } from "../columns.ts";
import { exitCodes, type Command } from "../contract.ts";
import { matchesNamespace } from "../describe-entry.ts";
import type { Input } from "../input.ts";
import { openApp, settingOptions } from "../open-app.ts";

const levels = ["error", "warning", "hint"] as const;

export const check: Command = {
  name: "check",
  aliases: ["lint"],
  group: "Look",
  summary: "find every problem of the app, with its position",
  description:
    "Reads and compiles the whole app without running it, and shows every problem at once: file, line, column, the text there and " +
    "a hint. Exit code 1 when any of them is an error.",
  arguments: [],
  options: [
    { flags: "--no-compile", summary: "check the YAML only; programs are not compiled" },
    { flags: "--ns <namespace>", summary: "only this namespace and those below it" },
    { flags: "--level <level>", summary: `the least that is shown: ${levels.join(", ")} (default: all)` },
    ...settingOptions,
  ],
  examples: [
    { line: "weft check", does: "the app in the working directory" },
    { line: "weft check --json", does: "for an editor or CI" },
    { line: "weft explain unknown-field", does: "what a problem's code means" },
  ],
  passesOptions: false,
  async run(input, screen) {
    const isWanted = wantedDiagnostics(input);
    const { app } = await openApp(input, screen, { compile: !input.isOff("compile") });
    const { config, registry } = app;
    const diagnostics = app.diagnostics.filter(isWanted);
    const errors = diagnostics.filter((diagnostic) => diagnostic.severity === "error").length;
    const warnings = diagnostics.length - errors;
    screen.result({ diagnostics: diagnostics.map(diagnosticJson) }, () => {
      const shown = diagnostics.map(
        (diagnostic) => `${formatDiagnostic(diagnostic, { root: config.root, color: screen.hasColor })}\n`,
      );
      const count = `${counted(registry.entries.length, "entry", "entries")}: ${counted(errors, "error")}, ${counted(warnings, "warning")}`;
      return [...shown, errors > 0 ? screen.paint("red", count) : screen.paint("green", count)].join("\n");
    });
    return errors > 0 ? exitCodes.failure : exitCodes.ok;
  },
};

/** What has no entry, such as a file that cannot be read, concerns every namespace. */
function wantedDiagnostics(input: Input): (diagnostic: Diagnostic) => boolean {
  const [namespace, level] = [input.text("ns"), input.choice("level", levels)];
  return ({ entry, severity }) =>
    (namespace === undefined || entry === undefined || matchesNamespace(entry, namespace)) &&
    (level !== "error" || severity === "error");
}
