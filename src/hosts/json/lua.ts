import { WeftError } from "../../core/errors.ts";
import type { Value } from "../../core/values.ts";
import { LuaResults, results, type LuaCall, type Returned } from "../../engine/lua/call.ts";
import type { LuaModule } from "../../engine/lua/module.ts";
import { decodeJson, encodeJson } from "../../engine/lua/values/json.ts";
import { plainJson, validate } from "./schema.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });

/** `true`, or `false` and what does not fit. The arguments are read before anything waits. */
function verdict(call: LuaCall<unknown>, read: () => unknown): Returned {
  const schema = call.value(1);
  return check(schema, read).catch((error: unknown) => {
    if (!(error instanceof WeftError)) throw error;
    return results(false, error);
  });
}

async function check(schema: Value, read: () => unknown): Promise<Returned> {
  await validate(schema, read());
  return true;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new WeftError("INVALID_ARGUMENT", `this is not JSON: ${reason}`, { cause: error });
  }
}

function validateValue(call: LuaCall<unknown>): Returned {
  const value = call.value(2);
  return verdict(call, () => plainJson(value));
}

function validateText(call: LuaCall<unknown>): Returned {
  const bytes = call.bytes(2);
  return verdict(call, () => parse(bytes));
}

/** JSON text. The empty table is `[]`, null is nil, whole numbers are integers. */
export const jsonModule: LuaModule<unknown> = {
  name: "json",
  always: false,
  table: {
    encode: (call) => new LuaResults([encodeJson(call.runtime.lua, call.keep(1).value)]),
    decode: (call) => decodeJson(call.runtime.lua, call.bytes(1)),
    validate: validateValue,
    validate_string: validateText,
  },
};
