import type { Diagnostic } from "../../registry/diagnostic.ts";
import type { Entry, FieldPath } from "../../registry/entry.ts";
import { fieldText } from "../../registry/fields/field-text.ts";
import { valueAt } from "../../registry/fields/issues.ts";
import { problem } from "../../registry/problem.ts";

/** A field that is accepted and checked, and has no effect in this version. */
export interface NotYet {
  readonly kinds: readonly string[];
  readonly path: FieldPath;
  /** Only this value has no effect; any when left out. */
  readonly value?: string;
  /** What happens instead: follows the field's name. */
  readonly note: string;
  /** Whoever writes it relies on it, so that each use is warned of. */
  readonly warns: boolean;
}

const services = ["fs.directory", "process.host", "terminal.host"];

/** Every such field. Docs list them, a test keeps the list true, and an entry that relies on one is warned. */
export const notYetActedUpon: readonly NotYet[] = [
  {
    kinds: ["process.wasm"],
    path: ["transport"],
    value: "wasi-http",
    note: "wasi-http has no effect: a process answers no requests",
    warns: true,
  },
  {
    kinds: ["process.wasm"],
    path: ["pool"],
    note: "has no effect: a process has an instance of its own",
    warns: true,
  },
  { kinds: ["fs.directory"], path: ["base"], note: "has no effect: every entry belongs to the app", warns: false },
  {
    kinds: ["process.host"],
    path: ["host", "local_queue_size"],
    note: "is accepted for other runtimes: there are no such queues",
    warns: false,
  },
  {
    kinds: services,
    path: ["lifecycle"],
    note: "only orders entries by requires and depends_on: what the entry offers is there as long as the app runs",
    warns: false,
  },
];

/** Says which fields of an entry have no effect: nobody shall trust a bound that is not there. */
export function notYetWarnings(entry: Entry): Diagnostic[] {
  return notYetActedUpon.flatMap(({ kinds, path, value, note, warns }): Diagnostic[] => {
    const written = valueAt(entry.data, path);
    if (!warns || !kinds.includes(entry.kind) || written === undefined) return [];
    if (value !== undefined && written !== value) return [];
    const message = `${fieldText(path)} ${note}`;
    const part = value === undefined ? "key" : "value";
    return [problem(entry, path, { code: "no-effect", message, severity: "warning", part })];
  });
}
