import { parseId, requireFullId } from "../../core/ids.ts";
import type { LuaCall } from "../../engine/lua/call.ts";
import type { LuaClass, LuaModule } from "../../engine/lua/module.ts";
import type { InstanceContext } from "../context.ts";
import { checkEntry, entryFilter } from "./allowed.ts";
import { changesClass, readEntry } from "./changes.ts";
import type { WantedEntry } from "./service.ts";
import { Snapshot, snapshotClass } from "./snapshot.ts";
import { allVersions, ask, findVersion, versionClass, versionNumber, versionOf, type Version } from "./version.ts";

type Call = LuaCall<InstanceContext>;

/** What was changed, as Lua holds it: a name for functions, whose answers come from the control plane. */
class History {
  readonly versions = allVersions;
}

const historyClass: LuaClass<InstanceContext> = {
  type: History,
  methods: {
    versions: (call) => call.object(1, History).versions(call),
    get_version: (call) => findVersion(call, versionNumber(call, 2)),
    snapshot_at: (call) => snapshotAt(call, versionNumber(call, 2)),
  },
};

async function currentVersion(call: Call): Promise<Version> {
  return versionOf(await ask(call, { do: "current" }));
}

async function snapshotAt(call: Call, version: number): Promise<Snapshot> {
  return new Snapshot(await findVersion(call, version));
}

function readEntries(call: Call, index: number): readonly WantedEntry[] {
  const list = call.value(index);
  return Array.isArray(list) ? list.map(readEntry) : [readEntry(list)];
}

/** Looking entries up, and changing them while the app runs. */
export const registryModule: LuaModule<InstanceContext> = {
  name: "registry",
  always: false,
  classes: [versionClass, changesClass, snapshotClass, historyClass],
  table: {
    get: (call) => {
      const id = requireFullId(call.typeOf(1) === "string" ? call.text(1) : undefined);
      checkEntry(call, id);
      return call.host.ports.registry.get(id);
    },
    find: async (call) => {
      const mayGet = entryFilter(call);
      return (await call.host.ports.registry.find(call.record(1))).filter(({ id }) => mayGet(id));
    },
    parse_id: (call) => {
      const { namespace, name } = parseId(call.text(1));
      return { ns: namespace, name };
    },
    current_version: currentVersion,
    versions: allVersions,
    history: () => new History(),
    snapshot: async (call) => new Snapshot(await currentVersion(call)),
    snapshot_at: (call) => snapshotAt(call, versionNumber(call, 1)),
    apply_version: async (call) => {
      const version = versionNumber(call, 1);
      call.host.ports.security.check("registry.apply_version", "registry", call.host.call, { version });
      return versionOf(await ask(call, { do: "apply-version", version, root: call.host.call.root }));
    },
    build_delta: (call) => ask(call, { do: "delta", from: readEntries(call, 1), to: readEntries(call, 2) }),
  },
};
