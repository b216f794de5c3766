/** Writes a binary from front to back. */
export class Sink {
  #bytes: Uint8Array<ArrayBuffer>;
  length = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
  }

  #room(count: number): void {
    const needed = this.length + count;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, needed));
    larger.set(this.#bytes.subarray(0, this.length));
    this.#bytes = larger;
  }

  byte(value: number): void {
    if (this.length === this.#bytes.length) this.#room(1);
    this.#bytes[this.length++] = value;
  }

  bytes(...values: readonly number[]): void {
    for (const value of values) this.byte(value);
  }

  /** LEB128, unsigned; exact up to 2^53. */
  unsigned(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.byte((rest & 0x7f) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  /** LEB128, signed; exact within 2^53. */
  signed(value: number): void {
    let rest = value;
    for (;;) {
      // The remainder by 128 as two's complement would have it.
      const low = ((rest % 0x80) + 0x80) % 0x80;
      rest = Math.floor(rest / 0x80);
      if ((rest === 0 && low < 0x40) || (rest === -1 && low >= 0x40)) return this.byte(low);
      this.byte(low | 0x80);
    }
  }

  /** An opcode and its index. */
  indexed(opcode: number, index: number): void {
    this.byte(opcode);
    this.unsigned(index);
  }

  /** An opcode and its constant. */
  constant(opcode: number, value: number): void {
    this.byte(opcode);
    this.signed(value);
  }

  name(text: string): void {
    const encoded = Buffer.from(text);
    this.unsigned(encoded.length);
    this.raw(encoded);
  }

  raw(source: Uint8Array): void {
    this.copy(source, 0, source.length);
  }

  copy(source: Uint8Array, from: number, to: number): void {
    const count = to - from;
    this.#room(count);
    // A call costs more than copying a few bytes.
    if (count < 24)
      for (let index = 0; index < count; index++) this.#bytes[this.length + index] = source[from + index] ?? 0;
    else this.#bytes.set(source.subarray(from, to), this.length);
    this.length += count;
  }

  /** Writes something behind its size. */
  sized(write: () => void): void {
    const start = this.length;
    this.#room(5);
    this.length += 5;
    write();
    const end = this.length;
    const size = end - start - 5;
    this.length = start;
    this.unsigned(size);
    this.#bytes.copyWithin(this.length, start + 5, end);
    this.length += size;
  }

  section(id: number, write: () => void): void {
    this.byte(id);
    this.sized(write);
  }

  /** What was written, as bytes of its own. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.length);
  }
}

/** A short piece of binary. */
export function encode(write: (sink: Sink) => void): Uint8Array<ArrayBuffer> {
  const sink = new Sink();
  write(sink);
  return sink.take();
}
