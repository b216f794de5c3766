import { WeftError } from "../../core/errors.ts";
import type { Value } from "../../core/values.ts";
import type { LuaCall } from "../../engine/lua/call.ts";
import type { LuaClass } from "../../engine/lua/module.ts";
import type { InstanceContext } from "../context.ts";
import { checkEntry, entryFilter, visible } from "./allowed.ts";
import { Changes, readId } from "./changes.ts";
import type { RegistryRequest } from "./service.ts";
import { ask, type Version } from "./version.ts";

type Call = LuaCall<InstanceContext>;

/** The registry as it was at one version. Its entries stay on the control plane until they are asked for. */
export class Snapshot {
  readonly version: Version;

  constructor(version: Version) {
    this.version = version;
  }
}

const self = (call: Call): Snapshot => call.object(1, Snapshot);
const versionOf = (call: Call): number => self(call).version.id;

/** Those of the entries asked for that the program may see. */
async function entries(call: Call, request: RegistryRequest): Promise<Value> {
  const mayGet = entryFilter(call);
  return visible(await ask(call, request), mayGet);
}

/** Methods of snapshots. */
export const snapshotClass: LuaClass<InstanceContext> = {
  type: Snapshot,
  methods: {
    version: (call) => self(call).version,
    changes: (call) => new Changes(versionOf(call)),
    entries: (call) => entries(call, { do: "entries", version: versionOf(call) }),
    namespace: (call) => entries(call, { do: "namespace", version: versionOf(call), namespace: call.text(2) }),
    find: (call) => entries(call, { do: "find", version: versionOf(call), filter: call.record(2) }),
    get: async (call) => {
      const [version, id] = [versionOf(call), readId(call.value(2))];
      checkEntry(call, id);
      const found = await ask(call, { do: "get", version, id });
      if (found !== null) return found;
      throw new WeftError("ENTRY_NOT_FOUND", `version ${version} has no entry ${id}`, { details: { target: id } });
    },
  },
};
