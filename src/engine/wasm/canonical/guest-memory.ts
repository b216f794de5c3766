import { Buffer, isUtf8 } from "node:buffer";
import { WeftError } from "../../../core/errors.ts";
import { numberArrays, type NumberKind } from "../../../wit/values/number-arrays.ts";
import { cardsOf, type Cards } from "../limits/cards.ts";
import { copyNumbers } from "./copy-numbers.seam.ts";

/** What the guest exports for values that do not fit on its stack; absent parts are `undefined`. */
export interface GuestParts {
  readonly memory: WebAssembly.Memory | undefined;
  /** `(old, oldSize, align, size) => pointer`. */
  readonly realloc: ((old: number, oldSize: number, align: number, size: number) => number) | undefined;
  /** Takes back what was allocated for arguments. May give a promise in a guest that may wait. */
  readonly free: ((at: number, size: number, align: number) => unknown) | undefined;
  /** Told the function's core result when it has been read. May give a promise in a guest that may wait. */
  readonly postReturn: ((result: unknown) => unknown) | undefined;
  /** The address of an empty list or string must be one, as components have it; what core modules leave there means nothing. */
  readonly checksEmpty?: boolean;
}

/**
 * Bytes of the heap that one call may fill with what it brings out of a guest. Pointers may overlap, so a guest could
 * describe far more than it holds; this is more than any honest result and fits the heap.
 */
export const liftedBytes = 0x0fff_ffff;
/** Bytes of one string or list on its way into a guest (Canonical ABI, MAX_STRING_BYTE_LENGTH and MAX_LIST_BYTE_LENGTH). */
const loweredBytes = 0x0fff_ffff;
/** Up to this length a loop over bytes is faster than a call into Node's string decoder. */
const shortText = 24;

/** What a list holds: alignment and size in the guest's memory, and what it costs outside of it. In bytes. */
export interface ListElement {
  readonly align: number;
  readonly size: number;
  readonly cost: number;
}

/** The linear memory of one instance, as generated lowering and lifting code uses it. Everything is checked. */
export class GuestMemory {
  readonly #parts: GuestParts;
  readonly #checksEmpty: boolean;
  readonly #cards: Cards | undefined;
  readonly #allocated: [at: number, size: number, align: number][] = [];
  #left = liftedBytes;
  #bytes = Buffer.alloc(0);
  #isShared = false;
  /** Little-endian access at any address. Made anew when the memory has grown, so it is never kept in a variable. */
  view = new DataView(new ArrayBuffer(0));

  constructor(parts: GuestParts) {
    this.#parts = parts;
    this.#checksEmpty = parts.checksEmpty === true;
    this.#cards = cardsOf(parts.memory);
    this.refresh();
  }

  /** Before a call: forgets the last one. */
  begin(): void {
    // Emptying an array costs as much as a flat call, even an empty one.
    if (this.#allocated.length > 0) this.#allocated.length = 0;
    this.#left = liftedBytes;
    this.refresh();
  }

  /** After guest code ran: its memory may have grown. Then the old buffer is detached, and has no bytes; a shared one is not. */
  refresh(): void {
    if (this.#bytes.length > 0 && !this.#isShared) return;
    const buffer = this.#parts.memory?.buffer;
    if (buffer === undefined || buffer === this.view.buffer) return;
    this.#isShared = Object.prototype.toString.call(buffer) === "[object SharedArrayBuffer]";
    this.#bytes = Buffer.from(buffer);
    this.view = new DataView(buffer);
  }

  /** After a call whose result has been read: gives back what the call needed. Gives a promise if that is not over yet. */
  end(result: unknown): Promise<unknown> | undefined {
    const ending = this.#parts.postReturn?.(result);
    const { free } = this.#parts;
    if (free !== undefined && this.#allocated.length > 0) {
      const given = this.#allocated.splice(0);
      if (ending instanceof Promise) return ending.then(() => freeAll(given, free));
      return freeAll(given, free);
    }
    return ending instanceof Promise ? ending : undefined;
  }

  /** Room in the guest's heap. */
  allocate(align: number, size: number): number {
    if (size === 0) return align;
    const { realloc } = this.#parts;
    if (realloc === undefined) return this.trap("the guest exports no allocator");
    if (size > loweredBytes) this.trap(`a string or list of ${size} bytes, more than ${loweredBytes}`);
    const at = realloc(0, 0, align, size) >>> 0;
    this.refresh();
    if (at % align !== 0) this.trap(`the guest's allocator gave ${at}, which is not aligned to ${align}`);
    if (at + size > this.#bytes.length) this.trap(`the guest's allocator gave ${at}, where ${size} bytes do not fit`);
    if (this.#parts.free !== undefined) this.#allocated.push([at, size, align]);
    this.#cards?.mark(at, size);
    return at;
  }

  /** Room that the guest has made for a result of its import. All that is written to a guest goes there, or is allocated. */
  room(pointer: number, size: number, align: number): number {
    const at = this.range(pointer, size, align);
    this.#cards?.mark(at, size);
    return at;
  }

  /** Copies a string into the guest and gives its address; its length is then in `length`. */
  putString(text: string): number {
    const isShort = text.length <= shortText && isAscii(text);
    const size = isShort ? text.length : Buffer.byteLength(text);
    const at = this.allocate(1, size);
    if (isShort) {
      for (let index = 0; index < size; index++) this.#bytes[at + index] = text.charCodeAt(index);
    } else {
      this.#bytes.write(text, at, size, "utf8");
    }
    this.length = size;
    return at;
  }

  /** Copies a string into the guest, and its address and length to `at`. */
  storeString(text: string, at: number): void {
    const pointer = this.putString(text);
    this.view.setUint32(at, pointer, true);
    this.view.setUint32(at + 4, this.length, true);
  }

  /** Copies bytes into the guest and gives their address. */
  putBytes(bytes: Uint8Array): number {
    const at = this.allocate(1, bytes.length);
    this.#bytes.set(bytes, bytes.length === 0 ? 0 : at);
    return at;
  }

  /** Copies numbers into the guest, which are in an array or in the typed array of their kind, and gives their address. */
  putNumbers(kind: NumberKind, values: ArrayLike<number>): number {
    const View = numberArrays[kind];
    const at = this.allocate(View.BYTES_PER_ELEMENT, values.length * View.BYTES_PER_ELEMENT);
    copyNumbers(new View(this.view.buffer, at, values.length), values);
    return at;
  }

  /** Copies bytes to a place that is known to be in memory. */
  storeBytes(bytes: Uint8Array, at: number): void {
    this.#bytes.set(bytes, at);
  }

  /** Bytes of the string that was put last. */
  length = 0;

  getString(pointer: number, size: number): string {
    const at = this.range(pointer, size, 1);
    const end = at + (size >>> 0);
    if (end - at <= shortText) {
      const text = this.#asciiString(at, end);
      if (text !== undefined) return text;
    }
    const text = this.#bytes.toString("utf8", at, end);
    // The decoder replaces what is malformed, so only a replacement character calls for a second look.
    if (text.includes("\uFFFD") && !isUtf8(this.#bytes.subarray(at, end))) this.trap("a string that is not UTF-8");
    return text;
  }

  #asciiString(at: number, end: number): string | undefined {
    let text = "";
    for (let index = at; index < end; index++) {
      const byte = this.#bytes[index] ?? 0x80;
      if (byte >= 0x80) return undefined;
      text += String.fromCharCode(byte);
    }
    return text;
  }

  getBytes(pointer: number, size: number): Uint8Array {
    const at = this.range(pointer, size, 1);
    return new Uint8Array(this.#bytes.subarray(at, at + (size >>> 0)));
  }

  /** Checks that a list lies in memory and that its elements fit in what the call may still bring out. Gives its address. */
  list(pointer: number, count: number, { align, size, cost }: ListElement): number {
    const at = pointer >>> 0;
    const length = (count >>> 0) * size;
    if (count === 0 && !this.#checksEmpty) return at;
    this.#check(at, length, align);
    this.#spend((count >>> 0) * Math.max(size, cost));
    return at;
  }

  /** Checks that bytes lie in memory and fit in what the call may still bring out, and gives their address. */
  range(pointer: number, size: number, align: number): number {
    const at = pointer >>> 0;
    const length = size < 0 ? size >>> 0 : size;
    if (length === 0 && !this.#checksEmpty) return at;
    this.#check(at, length, align);
    this.#spend(length);
    return at;
  }

  #check(at: number, length: number, align: number): void {
    if (at % align !== 0) this.trap(`pointer ${at} is not aligned to ${align}`);
    if (at + length > this.#bytes.length) this.trap(`${length} bytes at ${at} are outside the guest's memory`);
  }

  #spend(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0) this.trap(`the result is larger than ${liftedBytes} bytes`);
  }

  /** @throws WeftError `TRAP_INVALID_VALUE` always. */
  trap(message: string): never {
    throw new WeftError("TRAP_INVALID_VALUE", message);
  }
}

type Allocated = readonly [at: number, size: number, align: number];

/** Gives back one piece after the other. */
function freeAll(given: readonly Allocated[], free: NonNullable<GuestParts["free"]>): Promise<unknown> | undefined {
  for (const [index, [at, size, align]] of given.entries()) {
    const ending = free(at, size, align);
    if (ending instanceof Promise) return ending.then(() => freeAll(given.slice(index + 1), free));
  }
  return undefined;
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) >= 0x80) return false;
  return true;
}
