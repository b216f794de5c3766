import { WeftError } from "../../core/errors.ts";
import type { LuaModule } from "../../engine/lua/module.ts";

/** Base64 of the standard alphabet, padded. */
export const base64Module: LuaModule<unknown> = {
  name: "base64",
  always: false,
  table: {
    encode: (call) => Buffer.from(call.bytes(1)).toString("base64"),
    decode: (call) => {
      const text = call.text(1).replaceAll(/[\r\n]/g, "");
      if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
        throw new WeftError("INVALID_ARGUMENT", "this is not base64");
      }
      return Uint8Array.from(Buffer.from(text, "base64"));
    },
  },
};
