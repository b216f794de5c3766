import { WeftError } from "../../core/errors.ts";

/** Bytes that a stream holds at most: it is kept whole. */
const mostBytes = 64 * 1_024 * 1_024;

/** Bytes in memory that are read and written like a file. */
export class MemoryStream {
  #bytes: Uint8Array;
  #length: number;
  #position = 0;
  #isClosed = false;

  constructor(content: Uint8Array) {
    this.#bytes = content.slice();
    this.#length = content.length;
  }

  get size(): number {
    this.#requireOpen();
    return this.#length;
  }

  /** At most `limit` bytes, all that are left for 0; undefined at the end. */
  read(limit: number): Uint8Array | undefined {
    this.#requireOpen();
    if (this.#position >= this.#length) return undefined;
    const end = limit <= 0 ? this.#length : Math.min(this.#length, this.#position + limit);
    const piece = this.#bytes.slice(this.#position, end);
    this.#position = end;
    return piece;
  }

  /** Writes over what stands at the position, and beyond. */
  write(bytes: Uint8Array): number {
    this.#requireOpen();
    const end = this.#position + bytes.length;
    if (end > mostBytes) throw new WeftError("INVALID_ARGUMENT", `a stream holds ${mostBytes} bytes at most`);
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.min(mostBytes, Math.max(end, this.#bytes.length * 2)));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.#position);
    this.#position = end;
    this.#length = Math.max(this.#length, end);
    return bytes.length;
  }

  /** Moves the position, and gives it. */
  seek(from: "set" | "cur" | "end", offset: number): number {
    this.#requireOpen();
    const position = { set: 0, cur: this.#position, end: this.#length }[from] + offset;
    if (position < 0) throw new WeftError("INVALID_ARGUMENT", "a position is not before the beginning");
    this.#position = position;
    return position;
  }

  close(): void {
    this.#isClosed = true;
    this.#bytes = new Uint8Array(0);
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new WeftError("INVALID_ARGUMENT", "the stream was closed");
  }
}
