import { createHash, randomBytes, randomUUID } from "node:crypto";
import { WeftError } from "../../core/errors.ts";
import type { LuaCall } from "../../engine/lua/call.ts";
import type { LuaModule } from "../../engine/lua/module.ts";

const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

function format(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}

/** Puts version and variant into 16 bytes (RFC 9562 §4). */
function stamp(bytes: Uint8Array, version: number): string {
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | (version << 4);
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return format(bytes);
}

/** Time-ordered (RFC 9562 §5.7). */
function v7(): string {
  const bytes = Uint8Array.from(randomBytes(16));
  new DataView(bytes.buffer).setBigUint64(
    0,
    (BigInt(Date.now()) << 16n) | (BigInt(bytes[6] ?? 0) << 8n) | BigInt(bytes[7] ?? 0),
  );
  return stamp(bytes, 7);
}

/** Named (RFC 9562 §5.3 and §5.5). */
function named(call: LuaCall<unknown>, version: 3 | 5): string {
  const namespace = Buffer.from(valid(call, 1).replaceAll("-", ""), "hex");
  const hash = createHash(version === 3 ? "md5" : "sha1")
    .update(namespace)
    .update(call.bytes(2))
    .digest();
  return stamp(Uint8Array.from(hash.subarray(0, 16)), version);
}

function valid(call: LuaCall<unknown>, index: number): string {
  const text = call.text(index);
  if (!pattern.test(text)) throw new WeftError("INVALID_ARGUMENT", `"${text.slice(0, 40)}" is not a UUID`);
  return text;
}

function layout(call: LuaCall<unknown>): string {
  const text = valid(call, 1).toLowerCase();
  const form = call.has(2) ? call.text(2) : "standard";
  if (form === "standard") return text;
  if (form === "simple") return text.replaceAll("-", "");
  if (form === "urn") return `urn:uuid:${text}`;
  throw new WeftError("INVALID_ARGUMENT", `"${form}" is no form of a UUID: standard, simple or urn`);
}

/** Universally unique identifiers. */
export const uuidModule: LuaModule<unknown> = {
  name: "uuid",
  always: false,
  table: {
    v3: (call) => named(call, 3),
    v4: () => randomUUID(),
    v5: (call) => named(call, 5),
    v7: () => v7(),
    validate: (call) => call.typeOf(1) === "string" && pattern.test(call.text(1)),
    version: (call) => Number.parseInt(valid(call, 1).charAt(14), 16),
    format: layout,
  },
};
