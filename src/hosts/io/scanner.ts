import { toWeftError, WeftError } from "../../core/errors.ts";
import type { LuaCall } from "../../engine/lua/call.ts";
import type { LuaClass } from "../../engine/lua/module.ts";

/** How a scanner cuts its input. */
export type ScanUnit = "lines" | "words" | "bytes" | "runes";

/** At least one byte, at most `limit`, or undefined at the end. */
export type ReadChunk = (limit: number) => Uint8Array | undefined | Promise<Uint8Array | undefined>;

const chunkBytes = 4_096;
/** A line or word longer than this is refused: it would have to be kept whole. */
const tokenBytes = 1 << 20;

/** A piece of the input: its bytes, and how many were used up for it. */
interface Token {
  readonly bytes: Uint8Array;
  readonly used: number;
}

/** Cuts bytes into lines, words, bytes or characters, one at each `scan`. */
export class Scanner {
  readonly #read: ReadChunk;
  readonly #cut: (buffer: Uint8Array, isEnd: boolean) => Token | undefined;
  #buffer: Uint8Array = new Uint8Array(0);
  #isEnd = false;
  text: Uint8Array = new Uint8Array(0);
  error: WeftError | undefined;

  constructor(read: ReadChunk, unit: ScanUnit) {
    this.#read = read;
    this.#cut = cutters[unit];
  }

  /** Moves on to the next piece; false at the end or after a failure. */
  scan(): boolean | Promise<boolean> {
    for (;;) {
      const token = this.#cut(this.#buffer, this.#isEnd);
      if (token !== undefined) {
        this.#buffer = this.#buffer.subarray(token.used);
        this.text = token.bytes;
        return true;
      }
      if (this.#isEnd) return this.#stop();
      if (this.#buffer.length >= tokenBytes) return this.#stop(tooLong());
      const chunk = this.#fetch();
      if (chunk instanceof Promise) return chunk.then(() => this.scan());
    }
  }

  #fetch(): undefined | Promise<undefined> {
    const fail = (error: unknown): undefined => {
      this.error = toWeftError(error);
      this.#isEnd = true;
      this.#buffer = new Uint8Array(0);
    };
    try {
      const chunk = this.#read(chunkBytes);
      if (chunk instanceof Promise) return chunk.then((bytes) => this.#append(bytes), fail);
      return this.#append(chunk);
    } catch (error) {
      return fail(error);
    }
  }

  #append(chunk: Uint8Array | undefined): undefined {
    if (chunk === undefined) this.#isEnd = true;
    else this.#buffer = joined(this.#buffer, chunk);
  }

  #stop(error?: WeftError): false {
    this.text = new Uint8Array(0);
    this.error ??= error;
    return false;
  }
}

function tooLong(): WeftError {
  return new WeftError("INVALID_ARGUMENT", `a piece of the input is longer than ${tokenBytes} bytes`);
}

const isSpace = (byte: number | undefined): boolean => byte === 32 || (byte !== undefined && byte >= 9 && byte <= 13);

/** How many bytes a character of UTF-8 has, by its first one; 1 for a byte that begins none. */
function runeLength(first: number): number {
  if (first >= 0xf0 && first < 0xf8) return 4;
  if (first >= 0xe0) return first < 0xf0 ? 3 : 1;
  return first >= 0xc2 ? 2 : 1;
}

const cutters: Readonly<Record<ScanUnit, (buffer: Uint8Array, isEnd: boolean) => Token | undefined>> = {
  bytes: (buffer) => (buffer.length === 0 ? undefined : { bytes: buffer.subarray(0, 1), used: 1 }),
  runes(buffer, isEnd) {
    const [first] = buffer;
    if (first === undefined) return undefined;
    const length = runeLength(first);
    if (length > buffer.length) return isEnd ? { bytes: buffer.subarray(0, 1), used: 1 } : undefined;
    return { bytes: buffer.subarray(0, length), used: length };
  },
  lines(buffer, isEnd) {
    const end = buffer.indexOf(10);
    if (end < 0 && (!isEnd || buffer.length === 0)) return undefined;
    const line = end < 0 ? buffer : buffer.subarray(0, end);
    const bytes = line.at(-1) === 13 ? line.subarray(0, -1) : line;
    return { bytes, used: end < 0 ? buffer.length : end + 1 };
  },
  words(buffer, isEnd) {
    const start = buffer.findIndex((byte) => !isSpace(byte));
    if (start < 0) return undefined;
    const length = buffer.subarray(start).findIndex(isSpace);
    if (length < 0) return isEnd ? { bytes: buffer.subarray(start), used: buffer.length } : undefined;
    return { bytes: buffer.subarray(start, start + length), used: start + length + 1 };
  },
};

/** The unit that a program asks for; lines when it says nothing. @throws WeftError `INVALID_ARGUMENT`. */
export function scanUnit(call: LuaCall<unknown>, index: number): ScanUnit {
  const text = call.has(index) ? call.text(index) : "lines";
  if (text === "lines" || text === "words" || text === "bytes" || text === "runes") return text;
  throw new WeftError("INVALID_ARGUMENT", `a scanner cuts lines, words, bytes or runes, not "${text}"`);
}

/** Scanners as Lua sees them. */
export const scannerClass: LuaClass<unknown> = {
  type: Scanner,
  methods: {
    scan: (call) => call.object(1, Scanner).scan(),
    text: (call) => call.object(1, Scanner).text,
    err: (call) => call.object(1, Scanner).error ?? null,
  },
};

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
