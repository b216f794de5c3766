// string.pack, packsize and unpack with sizes up to 16 bytes.
import { push, pushInteger, pushSlot } from "../api.seam.ts";
import { auxiliary, FLOAT, INTEGER, STRING, TValue, type HostFunction, type Thread } from "../internals.seam.ts";
import { chargeFirst, spend } from "../meter.seam.ts";
import { literal, LuaString } from "../strings.seam.ts";
import { fail, floatArgument, integerArgument, refuse, textArgument } from "./arguments.seam.ts";
import { Layout, paddingOf, type Field } from "./pack-format.seam.ts";

const charactersToBytes = (text: string) => Array.from(text, (character) => character.charCodeAt(0));

function pushBytes(L: Thread, bytes: Uint8Array): void {
  pushSlot(L, new TValue(STRING, new LuaString(L, bytes)));
}

/** The lowest bytes of an integer in the order of the field; beyond 8 its sign is repeated. */
function integerBytes(value: bigint, { size, isLittle }: Field): number[] {
  const bytes: number[] = [];
  for (let i = 0; i < size; i++) bytes.push(Number((value >> BigInt(8 * i)) & 0xffn));
  return isLittle ? bytes : bytes.toReversed();
}

function packInteger(L: Thread, field: Field, at: number): number[] {
  const value = BigInt(integerArgument(L, at));
  const bits = field.size * 8;
  if (bits < 64) {
    const isSigned = field.kind === "signed";
    if (isSigned && BigInt.asIntN(bits, value) !== value) refuse(L, at, "integer overflow");
    if (!isSigned && BigInt.asUintN(bits, value) !== BigInt.asUintN(64, value)) refuse(L, at, "unsigned overflow");
  }
  return integerBytes(field.kind === "signed" ? value : BigInt.asUintN(64, value), field);
}

function packFloat(L: Thread, { size, isLittle }: Field, at: number): number[] {
  const view = new DataView(new ArrayBuffer(size));
  if (size === 4) view.setFloat32(0, floatArgument(L, at), isLittle);
  else view.setFloat64(0, floatArgument(L, at), isLittle);
  return [...new Uint8Array(view.buffer)];
}

/** Bytes become numbers of an array on the way, 8 bytes each. */
const bytesEach = 9;

function payFor(L: Thread, length: number): void {
  if (length > longestPacked) fail(L, "resulting string too large");
  spend(L, length >> 3);
  chargeFirst(L, length * bytesEach);
}

/** Packed strings are made number by number: longer ones would hold up other tasks. */
const longestPacked = 1 << 20;

function packText(L: Thread, field: Field, at: number): number[] {
  const text = textArgument(L, at);
  payFor(L, text.length);
  const bytes = charactersToBytes(text);
  switch (field.kind) {
    case "fixed":
      if (bytes.length > field.size) refuse(L, at, "string longer than given size");
      payFor(L, field.size);
      return [...bytes, ...Array<number>(field.size - bytes.length).fill(0)];
    case "counted":
      if (bytes.length >= 2 ** (8 * field.size)) refuse(L, at, "string length does not fit in given size");
      return integerBytes(BigInt(bytes.length), field).concat(bytes);
    default:
      if (text.includes("\0")) refuse(L, at, "string contains zeros");
      return bytes.concat(0);
  }
}

function packField(L: Thread, field: Field, at: number): number[] {
  switch (field.kind) {
    case "signed":
    case "unsigned":
      return packInteger(L, field, at);
    case "float":
      return packFloat(L, field, at);
    default:
      return packText(L, field, at);
  }
}

/** `string.pack`. */
export const pack: HostFunction = (L) => {
  const layout = new Layout(L, textArgument(L, 1));
  const out: number[] = [];
  let argument = 1;
  for (let field = layout.next(); field !== undefined; field = layout.next()) {
    if (out.length > longestPacked) fail(L, "resulting string too large");
    spend(L, 1);
    for (let i = paddingOf(L, field, out.length); i > 0; i--) out.push(0);
    if (field.kind === "padding") out.push(0);
    // One by one: long strings are more than a spread may pass.
    else if (field.kind !== "alignment") for (const byte of packField(L, field, ++argument)) out.push(byte);
  }
  pushBytes(L, Uint8Array.from(out));
  return 1;
};

const largestSize = 0x7fffffff;

/** `string.packsize`. */
export const packSize: HostFunction = (L) => {
  const layout = new Layout(L, textArgument(L, 1));
  let total = 0;
  for (let field = layout.next(); field !== undefined; field = layout.next()) {
    spend(L, 1);
    if (field.kind === "counted" || field.kind === "terminated") refuse(L, 1, "variable-length format");
    total += paddingOf(L, field, total) + field.size;
    if (total > largestSize) refuse(L, 1, "format result too large");
  }
  push(L, INTEGER, total);
  return 1;
};

function readInteger(L: Thread, bytes: Uint8Array, { kind, isLittle, size }: Field): bigint {
  let value = 0n;
  for (const byte of isLittle ? bytes.toReversed() : bytes) value = (value << 8n) | BigInt(byte);
  const isSigned = kind === "signed";
  if (isSigned) value = BigInt.asIntN(size * 8, value);
  const fits = isSigned ? BigInt.asIntN(64, value) === value : BigInt.asUintN(64, value) === value;
  if (!fits) fail(L, `${size}-byte integer does not fit into Lua Integer`);
  return value;
}

/** Pushes the value of a field and answers where the next begins. */
function unpackField(L: Thread, data: Uint8Array, field: Field, at: number): number {
  const end = at + field.size;
  const bytes = data.subarray(at, end);
  switch (field.kind) {
    case "signed":
    case "unsigned":
      pushInteger(L, readInteger(L, bytes, field));
      return end;
    case "float": {
      const view = new DataView(data.buffer, data.byteOffset + at, field.size);
      push(L, FLOAT, field.size === 4 ? view.getFloat32(0, field.isLittle) : view.getFloat64(0, field.isLittle));
      return end;
    }
    case "fixed":
      pushBytes(L, bytes.slice());
      return end;
    case "counted": {
      const length = Number(readInteger(L, bytes, { ...field, kind: "unsigned" }));
      if (length > data.length - end) refuse(L, 2, "data string too short");
      pushBytes(L, data.slice(end, end + length));
      return end + length;
    }
    case "terminated": {
      const zero = data.indexOf(0, at);
      if (zero < 0) refuse(L, 2, "unfinished string for format 'z'");
      pushBytes(L, data.slice(at, zero));
      return zero + 1;
    }
    default:
      return end;
  }
}

/** `string.unpack`. */
export const unpack: HostFunction = (L) => {
  const layout = new Layout(L, textArgument(L, 1));
  const data: Uint8Array = auxiliary().luaL_checkstring(L, 2);
  const given: number = auxiliary().luaL_optinteger(L, 3, 1);
  let at = given < 0 ? Math.max(-1, data.length + given) : given - 1;
  if (at < 0 || at > data.length) refuse(L, 3, "initial position out of string");
  const first = L.top;
  for (let field = layout.next(); field !== undefined; field = layout.next()) {
    spend(L, 1);
    at += paddingOf(L, field, at);
    if (at + field.size > data.length) refuse(L, 2, "data string too short");
    auxiliary().luaL_checkstack(L, 2, literal("too many results"));
    at = unpackField(L, data, field, at);
  }
  push(L, INTEGER, at + 1);
  return L.top - first;
};
