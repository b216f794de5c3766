import { WeftError } from "../../core/errors.ts";
import type { LuaCall } from "../../engine/lua/call.ts";
import type { LuaClass } from "../../engine/lua/module.ts";
import type { InstanceContext } from "../context.ts";
import { Changes, readId } from "./changes.ts";
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

/** Methods of snapshots. */
export const snapshotClass: LuaClass<InstanceContext> = {
  type: Snapshot,
  methods: {
    version: (call) => self(call).version,
    changes: (call) => new Changes(versionOf(call)),
    entries: (call) => ask(call, { do: "entries", version: versionOf(call) }),
    namespace: (call) => ask(call, { do: "namespace", version: versionOf(call), namespace: call.text(2) }),
    find: (call) => ask(call, { do: "find", version: versionOf(call), filter: call.record(2) }),
    get: async (call) => {
      const [version, id] = [versionOf(call), readId(call.value(2))];
      const found = await ask(call, { do: "get", version, id });
      if (found !== null) return found;
      throw new WeftError("ENTRY_NOT_FOUND", `version ${version} has no entry ${id}`, { details: { target: id } });
    },
  },
};
