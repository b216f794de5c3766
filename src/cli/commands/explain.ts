import { errorCodes } from "../../core/error-codes.ts";
import { nearestNames } from "../../core/nearest.ts";
import { diagnosticCodes } from "../../registry/diagnostic-codes.ts";
import { columns } from "../columns.ts";
import { exitCodes, UsageError, type Command } from "../contract.ts";

interface Explanation {
  readonly code: string;
  /** `error` at run time, or `diagnostic` of `weft check`. */
  readonly sort: "error" | "diagnostic";
  readonly kind?: string;
  readonly retryable?: boolean;
  readonly help: string;
}

export const explain: Command = {
  name: "explain",
  aliases: [],
  group: "Look",
  summary: "say what an error or diagnostic code means and how to mend it",
  description:
    "Explains a code that Weft prints: of an error (CALL_TIMEOUT) or of a diagnostic (unknown-field). Without one, lists them all.",
  arguments: [{ name: "[code]", summary: "the code, as it was printed" }],
  options: [],
  examples: [
    { line: "weft explain IMPORT_DENIED", does: "an error" },
    { line: "weft explain", does: "every code" },
  ],
  passesOptions: false,
  async run(input, screen) {
    const all = explanations();
    const [code] = input.words;
    if (code === undefined) {
      screen.result({ codes: all }, () => columns(all.map((item) => [screen.paint("bold", item.code), item.help])));
      return exitCodes.ok;
    }
    const found = all.find((item) => item.code.toLowerCase() === code.toLowerCase());
    if (found === undefined) throw unknownCode(code, all);
    screen.result(found, () => {
      const traits = [found.sort, found.kind, found.retryable === true ? "retryable" : undefined];
      const line = traits.filter((trait) => trait !== undefined).join(", ");
      return `${screen.paint("bold", found.code)} (${line})\n${found.help}`;
    });
    return exitCodes.ok;
  },
};

function explanations(): Explanation[] {
  const errors = Object.entries(errorCodes).map(([code, { kind, retryable, help }]): Explanation => ({
    code,
    sort: "error",
    kind,
    retryable,
    help,
  }));
  const diagnostics = Object.entries(diagnosticCodes).map(([code, help]): Explanation => ({
    code,
    sort: "diagnostic",
    help,
  }));
  return [...errors, ...diagnostics];
}

function unknownCode(code: string, all: readonly Explanation[]): UsageError {
  const near = nearestNames(
    code,
    all.map((item) => item.code),
  );
  const help = near.length === 0 ? "`weft explain` lists them." : `Did you mean ${near.join(" or ")}?`;
  return new UsageError(`Weft has no code ${code}`, help);
}
