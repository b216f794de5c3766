import { WeftError } from "../../core/errors.ts";
import { readLimitBytes } from "../io/input-stream.ts";
import { appendAt, readAt, sync, writeAt } from "./content.ts";
import { fileError } from "./folder.ts";
import { keptFlags } from "./paths.ts";
import { statNode, type Node } from "./node.ts";

/** A file that is read at once is kept whole. */
const wholeFileBytes = 64 * 1_024 * 1_024;

/** An open file with a position, as programs hold one. */
export class OpenFile {
  readonly path: string;
  #node: Node | undefined;
  #position = 0n;

  constructor(node: Node, path: string) {
    this.#node = node;
    this.path = path;
  }

  /** At most `length` bytes from the position on; undefined at the end. */
  read(length: number): Uint8Array | undefined {
    return this.#on((node) => {
      if (!node.access.read) throw this.#refuse("it was not opened for reading");
      const bytes = readAt(node, Math.min(Math.max(0, length), readLimitBytes), this.#position);
      this.#position += BigInt(bytes.length);
      return bytes.length === 0 && length > 0 ? undefined : bytes;
    });
  }

  /** Everything from the position to the end. */
  readAll(): Uint8Array {
    const pieces: Uint8Array[] = [];
    let length = 0;
    for (let piece = this.read(readLimitBytes); piece !== undefined; piece = this.read(readLimitBytes)) {
      length += piece.length;
      if (length > wholeFileBytes) throw this.#refuse(`it is longer than ${wholeFileBytes} bytes: read it in pieces`);
      pieces.push(piece);
    }
    return Uint8Array.from(Buffer.concat(pieces));
  }

  write(bytes: Uint8Array): void {
    this.#on((node) => {
      if (!node.access.write) throw this.#refuse("it was not opened for writing");
      const appends = (node.access.kept & keptFlags.append) !== 0;
      for (let at = 0; at < bytes.length;) {
        const rest = bytes.subarray(at);
        const count = appends ? appendAt(node, rest) : writeAt(node, rest, this.#position);
        at += count;
        this.#position += BigInt(count);
      }
      if (appends) this.#position = statNode(node).size;
    });
  }

  /** Moves the position, and gives it. */
  seek(from: "set" | "cur" | "end", offset: number): number {
    return this.#on((node) => {
      const start = { set: 0n, cur: this.#position, end: statNode(node).size }[from];
      const position = start + BigInt(offset);
      if (position < 0n) throw this.#refuse("a position before its beginning");
      this.#position = position;
      return Number(position);
    });
  }

  get size(): number {
    return this.#on((node) => Number(statNode(node).size));
  }

  sync(): void {
    this.#on(sync);
  }

  /** Closing twice changes nothing. */
  close(): void {
    this.#node?.handle.release();
    this.#node = undefined;
  }

  #on<Result>(run: (node: Node) => Result): Result {
    const node = this.#node;
    if (node === undefined) throw this.#refuse("the file is closed");
    try {
      return run(node);
    } catch (error) {
      throw fileError(error, this.path);
    }
  }

  #refuse(problem: string): WeftError {
    return new WeftError("FILE_UNUSABLE", `${this.path}: ${problem}`, { details: { path: this.path } });
  }
}
