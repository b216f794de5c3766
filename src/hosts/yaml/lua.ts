import type { LuaModule } from "../../engine/lua/module.ts";
import { decodeYaml, encodeYaml } from "../../engine/lua/values/yaml.ts";

/** YAML text. The empty table is `[]`. */
export const yamlModule: LuaModule<unknown> = {
  name: "yaml",
  always: false,
  table: {
    encode: (call) => encodeYaml(call.value(1)),
    decode: (call) => decodeYaml(call.bytes(1)),
  },
};
