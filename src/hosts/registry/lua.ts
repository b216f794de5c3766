import { parseId, requireFullId } from "../../core/ids.ts";
import type { LuaModule } from "../../engine/lua/module.ts";
import type { InstanceContext } from "../context.ts";

/** Looking up entries. */
export const registryModule: LuaModule<InstanceContext> = {
  name: "registry",
  always: false,
  table: {
    get: (call) => call.host.ports.registry.get(requireFullId(call.typeOf(1) === "string" ? call.text(1) : undefined)),
    find: (call) => call.host.ports.registry.find(call.record(1)),
    parse_id: (call) => {
      const { namespace, name } = parseId(call.text(1));
      return { ns: namespace, name };
    },
  },
};
