// Lua strings: their identity is a JavaScript string with one character a byte, so that keys never collide, order is
// that of bytes, and concatenation makes ropes. Bytes are made when somebody asks for them.
// Patched before any other module of fengari is loaded, because those keep the functions they find.
import { checkFunctions, loadPrivate } from "./load.seam.ts";
import { charge, sizes } from "./meter.seam.ts";

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

/** The mark of a long string whose characters stand in pieces, not yet paid for. */
const inPieces = -1;

/** A Lua string: at least one of its two forms is there. Takes the place of fengari's class. */
export class LuaString {
  /** Its characters 0 to 255, one a byte. */
  hash: string | null = null;
  realstring: Uint8Array | null;
  /** Which count of memory has seen it, or `inPieces`. */
  mark = 0;

  constructor(_L: unknown, bytes: Uint8Array | null) {
    this.realstring = bytes;
    charge(bytes === null ? sizes.string : sizes.string + bytes.length);
  }

  getstr(): Uint8Array {
    const bytes = this.realstring;
    return bytes !== null ? bytes : (this.realstring = toBytes(flatten(this)));
  }

  tsslen(): number {
    const bytes = this.realstring;
    return bytes !== null ? bytes.length : charactersOf(this).length;
  }
}

strings.TString = LuaString;

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
  const string = new LuaString(null, null);
  charge(characters.length);
  string.hash = characters;
  return string;
}

/** Joined strings up to this length are paid for as if they were copied. */
const shortJoin = 1_024;

/**
 * The Lua string of joined characters, `added` of which are not those of the longest piece. V8 keeps long ones in
 * pieces: the rest is paid for when somebody reads them.
 */
export function joinedString(characters: string, added: number): LuaString {
  const string = new LuaString(null, null);
  string.hash = characters;
  if (characters.length <= shortJoin) charge(characters.length);
  else {
    string.mark = inPieces;
    charge(added);
  }
  return string;
}

/** The characters of a string that is about to be read as a whole. */
export function flatten(string: LuaString): string {
  const characters = charactersOf(string);
  if (string.mark === inPieces) {
    string.mark = 0;
    charge(characters.length);
  }
  return characters;
}

/** V8 keeps a longer part of a string as a view that holds on to the whole. */
const shortPart = 13;
/** Wholes up to this length may be held on to. */
const shortWhole = 256;
const scratch = new Uint8Array(4_096);

/** A part of a string that does not hold on to a whole much larger than itself. */
export function detached(part: string, whole: number): string {
  const { length } = part;
  if (length < shortPart || whole <= shortWhole || length * 4 > whole) return part;
  const bytes = length <= scratch.length ? scratch : new Uint8Array(length);
  latin1Write.call(bytes, part, 0, length);
  return latin1Slice.call(bytes, 0, length);
}

/** UTF-8 of a text that is made while programs run: it is not remembered. */
export function encode(text: string): Uint8Array {
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

/** UTF-8 of a text that stands in our own source, kept for the next time. Never for what programs have a part in. */
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
  strings.luaS_bless = (L: unknown, bytes: Uint8Array) => new LuaString(L, bytes);
  strings.luaS_new = function newString(L: unknown, source: Uint8Array) {
    return new LuaString(L, definitions.luastring_from(source));
  };
  strings.luaS_newliteral = (L: unknown, text: string) => new LuaString(L, encode(text));
}

function patchIdentity(): void {
  strings.luaS_hash = toCharacters;
  strings.luaS_hashlongstr = charactersOf;
  strings.luaS_eqlngstr = (a: LuaString, b: LuaString) => a === b || charactersOf(a) === charactersOf(b);
}

patchConversions();
patchIdentity();
// Assertions cost calls on the hottest paths and have never failed in a released version.
limits.lua_assert = () => undefined;
limits.api_check = () => undefined;
