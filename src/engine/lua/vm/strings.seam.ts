// Lua strings: their identity is a JavaScript string with one character a byte, so that keys never collide, order is
// that of bytes, and concatenation makes ropes. Bytes are made when somebody asks for them.
// Patched before any other module of fengari is loaded, because those keep the functions they find.
import { checkFunctions, loadPrivate } from "./load.seam.ts";

const definitions = loadPrivate("defs");
const limits = loadPrivate("llimits");
const strings = loadPrivate("lstring");

checkFunctions("defs", definitions, ["to_luastring", "to_jsstring", "from_userstring", "luastring_from"]);
checkFunctions("lstring", strings, [
  "TString",
  "luaS_hash",
  "luaS_hashlongstr",
  "luaS_eqlngstr",
  "luaS_bless",
  "luaS_new",
]);

/** A Lua string: at least one of its two forms is there. */
export interface LuaString {
  hash: string | null;
  realstring: Uint8Array | null;
  getstr(): Uint8Array;
  tsslen(): number;
}

/** fengari's class of strings. */
export const TString: new (L: unknown, bytes: Uint8Array | null) => LuaString = strings.TString;

// Below these lengths a loop is quicker than a call into native code.
const shortDecode = 12;
const shortEncode = 48;

// They work on any bytes, which the types of Node do not say.
const { latin1Slice, latin1Write }: any = Buffer.prototype;
const encoder = new TextEncoder();
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const looseDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Bytes as characters 0 to 255. */
export function toCharacters(bytes: Uint8Array): string {
  const { length } = bytes;
  if (length >= shortDecode) return latin1Slice.call(bytes, 0, length);
  let text = "";
  for (let i = 0; i < length; i++) text += String.fromCharCode(bytes[i] as number);
  return text;
}

function toBytes(characters: string): Uint8Array {
  const { length } = characters;
  const bytes = new Uint8Array(length);
  if (length >= shortEncode) latin1Write.call(bytes, characters, 0, length);
  else for (let i = 0; i < length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}

/** The characters of a string, made once. */
export function charactersOf(string: LuaString): string {
  const { hash } = string;
  return hash !== null ? hash : (string.hash = toCharacters(string.realstring as Uint8Array));
}

/** The Lua string of characters 0 to 255. */
export function fromCharacters(characters: string): LuaString {
  const string = new TString(null, null);
  string.hash = characters;
  return string;
}

function encode(text: string): Uint8Array {
  const { length } = text;
  if (length >= shortEncode) return encoder.encode(text);
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) return encoder.encode(text);
    bytes[i] = code;
  }
  return bytes;
}

function decode(bytes: Uint8Array, isStrict: boolean): string {
  if (!isStrict) return looseDecoder.decode(bytes);
  try {
    return strictDecoder.decode(bytes);
  } catch {
    throw new RangeError("cannot convert invalid utf8 to javascript string");
  }
}

const literals = new Map<string, Uint8Array>();

/** UTF-8 of a literal of the program, kept for the next time. */
export function literal(text: string): Uint8Array {
  let bytes = literals.get(text);
  if (bytes === undefined) literals.set(text, (bytes = encode(text)));
  return bytes;
}

function patchConversions(): void {
  const copyBytes = definitions.luastring_from;
  definitions.to_luastring = (text: unknown, isLiteral?: boolean) => {
    if (typeof text !== "string") throw new TypeError("to_luastring expects a javascript string");
    return isLiteral === true ? literal(text) : encode(text);
  };
  definitions.to_jsstring = (bytes: unknown, from?: number, to?: number, isLoose?: boolean) => {
    if (!(bytes instanceof Uint8Array)) throw new TypeError("to_jsstring expects a Uint8Array");
    const part = from === undefined && to === undefined ? bytes : bytes.subarray(from ?? 0, to ?? bytes.length);
    return decode(part, isLoose !== true);
  };
  definitions.from_userstring = (value: unknown) => {
    if (value instanceof Uint8Array) return value;
    if (typeof value === "string") return encode(value);
    throw new TypeError("expects an array of bytes or javascript string");
  };
  definitions.luastring_from = (source: unknown) => (source instanceof Uint8Array ? source.slice() : copyBytes(source));
  strings.luaS_bless = (L: unknown, bytes: Uint8Array) => new TString(L, bytes);
  strings.luaS_new = function newString(L: unknown, source: Uint8Array) {
    return new TString(L, definitions.luastring_from(source));
  };
  strings.luaS_newliteral = (L: unknown, text: string) => new TString(L, encode(text));
}

function patchIdentity(): void {
  const shape = strings.TString.prototype;
  shape.getstr = function getstr(this: LuaString) {
    const bytes = this.realstring;
    return bytes !== null ? bytes : (this.realstring = toBytes(this.hash as string));
  };
  shape.tsslen = function tsslen(this: LuaString) {
    const bytes = this.realstring;
    return bytes !== null ? bytes.length : (this.hash as string).length;
  };
  strings.luaS_hash = toCharacters;
  strings.luaS_hashlongstr = charactersOf;
  strings.luaS_eqlngstr = (a: LuaString, b: LuaString) => a === b || charactersOf(a) === charactersOf(b);
}

patchConversions();
patchIdentity();
// Assertions cost calls on the hottest paths and have never failed in a released version.
limits.lua_assert = () => undefined;
limits.api_check = () => undefined;
