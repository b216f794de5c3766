import type { EntryId } from "../../core/ids.ts";
import { isRecord, type Value } from "../../core/values.ts";
import type { LuaCall } from "../../engine/lua/call.ts";
import type { InstanceContext } from "../context.ts";

type Call = LuaCall<InstanceContext>;

/** @throws WeftError `PERMISSION_DENIED` for an entry that the program may not see. */
export function checkEntry({ host }: Call, id: EntryId): void {
  host.ports.security.check("registry.get", id, host.call);
}

/** Says which entries the program may see; to be made before it waits for them. */
export function entryFilter({ host: { ports, call } }: Call): (id: EntryId) => boolean {
  return (id) => ports.security.allows("registry.get", id, call);
}

/** Of a list of entries, those that the program may see. */
export function visible(found: Value, mayGet: (id: EntryId) => boolean): Value {
  if (!Array.isArray(found)) return found;
  return found.filter((entry) => {
    const id = isRecord(entry) ? entry["id"] : undefined;
    return typeof id === "string" && mayGet(id);
  });
}
