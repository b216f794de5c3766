import { InvalidModuleError } from "./invalid-module.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });

/** Names longer than this are refused: real ones are far below, and messages quote them. */
const nameBytes = 100_000;

/** Reads a slice of a binary from front to back. Every length is checked against what is left before it is used. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** Offset of the next byte in the whole file. */
  get at(): number {
    return this.#at;
  }

  get left(): number {
    return this.#end - this.#at;
  }

  fail(message: string): never {
    throw new InvalidModuleError(message, this.#at);
  }

  byte(): number {
    const value = this.peek();
    this.#at += 1;
    return value;
  }

  peek(): number {
    const value = this.#at < this.#end ? this.#bytes[this.#at] : undefined;
    return value ?? this.fail("unexpected end");
  }

  /** LEB128, 32 bits unsigned. */
  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value <= 0xffff_ffff ? value : this.fail("a number beyond 32 bits");
    }
    return this.fail("a number of more than 5 bytes");
  }

  /** LEB128, 64 bits unsigned. */
  u64(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return this.fail("a number of more than 10 bytes");
  }

  /** LEB128, 33 bits signed: a type index, or a negative code of a type. */
  s33(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return byte & 0x40 ? value - 2 ** (shift + 7) : value;
    }
    return this.fail("a number of more than 5 bytes");
  }

  name(): string {
    const length = this.u32();
    if (length > nameBytes) this.fail(`a name of ${length} bytes`);
    const start = this.#at;
    this.skip(length);
    try {
      return decoder.decode(this.#bytes.subarray(start, this.#at));
    } catch {
      throw new InvalidModuleError("a name that is not UTF-8", start);
    }
  }

  /** As many items as the count in front says. */
  vector<T>(read: (index: number) => T): T[] {
    const count = this.count();
    const items: T[] = [];
    for (let index = 0; index < count; index++) items.push(read(index));
    return items;
  }

  /** A count of items that take at least a byte each. */
  count(): number {
    const count = this.u32();
    return count <= this.left ? count : this.fail(`${count} items in ${this.left} bytes`);
  }

  /** An item behind a presence byte. */
  optional<T>(read: () => T): T | undefined {
    const flag = this.byte();
    if (flag === 0) return undefined;
    return flag === 1 ? read() : this.fail(`presence byte ${flag}`);
  }

  skip(length: number): void {
    if (length > this.left) this.fail(`${length} bytes where ${this.left} are left`);
    this.#at += length;
  }

  /** A reader of the next `length` bytes, which this reader then stands behind. */
  slice(length: number): ByteReader {
    const start = this.#at;
    this.skip(length);
    return new ByteReader(this.#bytes, start, this.#at);
  }

  /** The bytes that are left, without a copy. */
  rest(): Uint8Array {
    return this.#bytes.subarray(this.#at, this.#end);
  }

  expectEnd(what: string): void {
    if (this.left > 0) this.fail(`${this.left} bytes too many in ${what}`);
  }
}
