import { WeftError } from "../../core/errors.ts";
import { requireFullId, type EntryId } from "../../core/ids.ts";
import type { Value } from "../../core/values.ts";
import type { LuaCall } from "../../engine/lua/call.ts";
import type { LuaClass } from "../../engine/lua/module.ts";
import type { InstanceContext } from "../context.ts";
import type { WantedChange, WantedEntry } from "./service.ts";
import { ask, versionOf } from "./version.ts";

type Call = LuaCall<InstanceContext>;
type Fields = Readonly<Record<string, Value>>;

/** Changes that a program collects, to be made together. */
export class Changes {
  readonly base: number;
  readonly list: WantedChange[] = [];

  /** For the registry as it was at the version `base`. */
  constructor(base: number) {
    this.base = base;
  }
}

/** An id given as a text, or as `{ns, name}`. @throws WeftError `INVALID_ID`. */
export function readId(value: Value | undefined): EntryId {
  const { ns, name } = mapping(value) ?? {};
  return requireFullId(typeof ns === "string" && typeof name === "string" ? `${ns}:${name}` : value);
}

/** An entry given as a table. @throws WeftError `INVALID_ARGUMENT`, `INVALID_ID`. */
export function readEntry(value: Value | undefined): WantedEntry {
  const fields = mapping(value);
  if (fields === undefined) throw new WeftError("INVALID_ARGUMENT", "an entry is a table with id and kind");
  const { id, kind, meta = {}, data = {} } = fields;
  const full = readId(id);
  if (typeof kind !== "string") throw new WeftError("INVALID_ARGUMENT", `${full}: an entry needs a kind`);
  return { id: full, kind, meta: part(meta, `${full}: meta`), data: part(data, `${full}: data`) };
}

function part(value: Value, name: string): Fields {
  const fields = mapping(value);
  if (fields === undefined) throw new WeftError("INVALID_ARGUMENT", `${name} is a table with string keys`);
  return fields;
}

/** A table with only string keys; the empty one has none, and might as well be a list. */
function mapping(value: Value | undefined): Fields | undefined {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array || value instanceof Map)
    return undefined;
  if (!Array.isArray(value)) return Object.fromEntries(Object.entries(value));
  return value.length === 0 ? {} : undefined;
}

/** An operation as programs see it: `{kind = "entry.create", entry = …}`. */
function operation(change: WantedChange): Value {
  if (change.op === "delete") return { kind: "entry.delete", entry: { id: change.id } };
  const { id, kind, meta, data } = change.entry;
  return { kind: `entry.${change.op}`, entry: { id, kind, meta, data } };
}

const self = (call: Call): Changes => call.object(1, Changes);

const write =
  (op: "create" | "update") =>
  (call: Call): Changes => {
    const changes = self(call);
    changes.list.push({ op, entry: readEntry(call.value(2)) });
    return changes;
  };

/** Methods of collected changes. */
export const changesClass: LuaClass<InstanceContext> = {
  type: Changes,
  methods: {
    create: write("create"),
    update: write("update"),
    delete: (call) => {
      const changes = self(call);
      changes.list.push({ op: "delete", id: readId(call.value(2)) });
      return changes;
    },
    ops: (call) => self(call).list.map(operation),
    apply: async (call) => {
      const { base, list } = self(call);
      const ids = list.map((change) => (change.op === "delete" ? change.id : change.entry.id));
      call.host.ports.security.check("registry.apply", "registry", call.host.call, { ids });
      return versionOf(await ask(call, { do: "apply", base, changes: list, root: call.host.call.root }));
    },
  },
};
