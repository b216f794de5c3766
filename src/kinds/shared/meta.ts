import { parseDurationMs } from "../../core/durations.ts";
import { WeftError } from "../../core/errors.ts";
import { parseId, resolveId, type EntryId } from "../../core/ids.ts";
import type { Value } from "../../core/values.ts";
import type { Diagnostic } from "../../registry/diagnostic.ts";
import type { Entry, FieldPath } from "../../registry/entry.ts";
import type { Reference } from "../../registry/kind.ts";
import type { CallOptions } from "../../registry/placement.ts";
import { problem } from "../../registry/problem.ts";
import { readRetry } from "../../runtime/options.ts";
import { namesMany } from "./ids.ts";

/** What programs say about themselves in `meta`. Everything else there belongs to whoever asks for it. */
export interface ProgramMeta {
  readonly options: CallOptions;
  readonly defaultHost: EntryId | undefined;
  readonly references: readonly Reference[];
  readonly problems: readonly Diagnostic[];
}

/** Reads `meta.options`, `meta.default_host` and `meta.depends_on`. */
export function readMeta(entry: Entry): ProgramMeta {
  const problems: Diagnostic[] = [];
  const given = entry.meta["options"] ?? null;
  if (given !== null && !isTable(given)) problems.push(invalid(entry, ["meta", "options"], "expected a mapping"));
  const options = isTable(given) ? given : {};
  const host = readHost(entry, options, problems);
  const defaults = {
    ...readTimeout(entry, options["timeout"], problems),
    ...readRetries(entry, options["retry"], problems),
  };
  problems.push(...commandProblems(entry));
  return {
    options: defaults,
    defaultHost: host?.id,
    references: [...(host === undefined ? [] : [host]), ...dependencies(entry)],
    problems,
  };
}

type Table = Readonly<Record<string, Value>>;

function readTimeout(entry: Entry, value: Value | undefined, problems: Diagnostic[]): CallOptions {
  if (value === undefined || value === null) return {};
  const ms = typeof value === "string" ? parseDurationMs(value) : value;
  if (typeof ms === "number" && ms > 0) return { timeoutMs: ms };
  problems.push(
    invalid(entry, ["meta", "options", "timeout"], "expected a duration such as 500ms or 10s, or milliseconds"),
  );
  return {};
}

function readRetries(entry: Entry, value: Value | undefined, problems: Diagnostic[]): CallOptions {
  if (value === undefined || value === null) return {};
  const path = ["meta", "options", "retry"];
  if (!isTable(value)) {
    problems.push(invalid(entry, path, "expected a mapping"));
    return {};
  }
  // Field by field, so that every wrong one is reported at its own place.
  for (const [field, setting] of Object.entries(value)) {
    try {
      readRetry({ [field]: setting });
    } catch (error) {
      if (!(error instanceof WeftError)) throw error;
      problems.push(invalid(entry, [...path, field], error.message.replace(/^[^:]*: /, "")));
    }
  }
  return problems.length === 0 ? { retry: readRetry(value) } : {};
}

/** `meta.default_host`, or its other place `meta.options.default_host`. */
function readHost(entry: Entry, options: Table, problems: Diagnostic[]): Reference | undefined {
  const direct = entry.meta["default_host"] ?? null;
  const value = direct ?? options["default_host"] ?? null;
  if (value === null) return undefined;
  const path = direct === null ? ["meta", "options", "default_host"] : ["meta", "default_host"];
  if (typeof value !== "string" || parseId(value).name === "") {
    problems.push(invalid(entry, path, "expected the id of a process.host"));
    return undefined;
  }
  const id = resolveId(value, entry.namespace);
  return { path, id, kinds: ["process.host", "terminal.host"], required: true, acyclic: false };
}

/**
 * A `meta.command` that `weft run` cannot know by any name is a warning: the program runs all the same. Of a function it
 * may be anything.
 */
function commandProblems(entry: Entry): Diagnostic[] {
  const command = entry.meta["command"] ?? null;
  if (command === null || !entry.kind.startsWith("process.")) return [];
  const fields = isTable(command) ? command : {};
  if (fields["main"] === true || (typeof fields["name"] === "string" && fields["name"] !== "")) return [];
  const message = "meta.command: without a name it is no command";
  const hint = "write command: { name: greet, short: Greets }";
  return [problem(entry, ["meta", "command"], { code: "invalid-field", message, hint, severity: "warning" })];
}

/** `meta.depends_on` only orders; `group:` and `ns:` name no single entry. */
function dependencies(entry: Entry): Reference[] {
  const value = entry.meta["depends_on"] ?? null;
  const items = Array.isArray(value) ? value : [value];
  return items.flatMap((item, index): Reference[] => {
    if (typeof item !== "string" || namesMany(item)) return [];
    const path = Array.isArray(value) ? ["meta", "depends_on", index] : ["meta", "depends_on"];
    return [{ path, id: resolveId(item, entry.namespace), kinds: [], required: false, acyclic: false }];
  });
}

function isTable(value: Value): value is Table {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function invalid(entry: Entry, path: FieldPath, message: string): Diagnostic {
  return problem(entry, path, { code: "invalid-field", message: `${path.join(".")}: ${message}` });
}
