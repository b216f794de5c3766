import { createHash, randomBytes, randomUUID } from "node:crypto";
import { WeftError } from "../../core/errors.ts";
import type { LuaCall, Returned } from "../../engine/lua/call.ts";
import type { LuaModule } from "../../engine/lua/module.ts";

const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

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

/** Between 1582-10-15, where the time of version 1 begins, and 1970, in units of 100 ns (RFC 9562 §5.1). */
const gregorianOffset = 0x01b21dd213814000n;
const clockSequence = randomBytes(2);
/** No address of a network card: a random one says nothing about the machine. Its multicast bit tells so. */
const node = Uint8Array.from(randomBytes(6));
node[0] = (node[0] ?? 0) | 1;
let lastTime = 0n;

/** By time and place (RFC 9562 §5.1). */
function v1(): string {
  const now = BigInt(Date.now()) * 10_000n + gregorianOffset;
  lastTime = now > lastTime ? now : lastTime + 1n;
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Number(lastTime & 0xffffffffn));
  view.setUint16(4, Number((lastTime >> 32n) & 0xffffn));
  view.setUint16(6, Number((lastTime >> 48n) & 0x0fffn));
  bytes.set(clockSequence, 8);
  bytes.set(node, 10);
  return stamp(bytes, 1);
}

/** What a UUID says about itself; when it was made, in Unix seconds, for versions 1, 6 and 7. */
function parse(call: LuaCall<unknown>): Returned {
  const bytes = Buffer.from(valid(call, 1).replaceAll("-", ""), "hex");
  const version = (bytes[6] ?? 0) >> 4;
  const hasNode = version === 1 || version === 6;
  return {
    version,
    variant: variantOf(bytes[8] ?? 0),
    ...(hasNode || version === 7 ? { timestamp: timestampOf(bytes, version) } : {}),
    ...(hasNode ? { node: bytes.toString("hex", 10) } : {}),
  };
}

function timestampOf(bytes: Buffer, version: number): number {
  if (version === 7) return bytes.readUIntBE(0, 6) / 1_000;
  const ticks =
    version === 1
      ? (BigInt(bytes.readUInt16BE(6) & 0x0fff) << 48n) |
        (BigInt(bytes.readUInt16BE(4)) << 32n) |
        BigInt(bytes.readUInt32BE(0))
      : (BigInt(bytes.readUIntBE(0, 6)) << 12n) | BigInt(bytes.readUInt16BE(6) & 0x0fff);
  return Number(ticks - gregorianOffset) / 1e7;
}

function variantOf(byte: number): string {
  if (byte < 0x80) return "NCS";
  if (byte < 0xc0) return "RFC4122";
  return byte < 0xe0 ? "Microsoft" : "Future";
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
    v1,
    v3: (call) => named(call, 3),
    v4: () => randomUUID(),
    v5: (call) => named(call, 5),
    v7: () => v7(),
    validate: (call) => call.typeOf(1) === "string" && pattern.test(call.text(1)),
    version: (call) => Number.parseInt(valid(call, 1).charAt(14), 16),
    variant: (call) => variantOf(Number.parseInt(valid(call, 1).slice(19, 21), 16)),
    parse,
    format: layout,
  },
};
