import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { WeftError } from "../../core/errors.ts";
import type { LuaCall, Returned } from "../../engine/lua/call.ts";
import type { ModuleTable } from "../../engine/lua/module.ts";

type Call = LuaCall<unknown>;

/** Random bytes at a time. */
const maxBytes = 1 << 20;
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

function count(call: Call): number {
  const length = call.integer(1);
  if (length > 0 && length <= maxBytes) return length;
  throw new WeftError("INVALID_ARGUMENT", `a length is 1 to ${maxBytes}, not ${length}`);
}

function text(call: Call): Returned {
  const length = count(call);
  const charset = Array.from(call.has(2) ? call.text(2) : letters);
  if (charset.length === 0) throw new WeftError("INVALID_ARGUMENT", "the charset is empty");
  return Array.from({ length }, () => charset[randomInt(charset.length)]).join("");
}

/** Secure random numbers. */
export const random: ModuleTable<unknown> = {
  bytes: (call) => Uint8Array.from(randomBytes(count(call))),
  string: text,
  uuid: () => randomUUID(),
};
