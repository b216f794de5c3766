import { InvalidModuleError } from "../../binary/invalid-module.ts";
import { immediate, immediates, type } from "./opcodes.ts";

/** Bit of a memory argument's alignment that says that a memory index follows. */
export const hasMemoryIndex = 64;

/**
 * Reads a module that V8 has found valid, so nothing but what V8 may know and we do not is checked here: reading is a
 * good part of what rewriting costs. Past the end there are zeros, so every loop ends.
 */
export class Cursor {
  readonly bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  fail(message: string): never {
    throw new InvalidModuleError(message, this.at);
  }

  peek(): number {
    return this.bytes[this.at] ?? 0;
  }

  byte(): number {
    return this.bytes[this.at++] ?? 0;
  }

  /** LEB128, unsigned; exact up to 2^53. */
  unsigned(): number {
    let byte = this.byte();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let factor = 0x80;
    do {
      byte = this.byte();
      value += (byte & 0x7f) * factor;
      factor *= 0x80;
    } while (byte >= 0x80);
    return value;
  }

  skipLeb(): void {
    while (this.byte() >= 0x80);
  }

  skipName(): void {
    const length = this.unsigned();
    this.at += length;
  }

  skipValueType(): void {
    const code = this.byte();
    if (code === type.refNull || code === type.ref) this.skipLeb();
  }

  skipBlockType(): void {
    const code = this.peek();
    if (code === type.refNull || code === type.ref) this.at += 1;
    this.skipLeb();
  }

  /** The initial value of a global, or the offset of a segment. */
  skipConstantExpression(): void {
    for (;;) {
      const opcode = this.byte();
      if (opcode === 0x0b) return;
      this.skipImmediates(opcode);
    }
  }

  /** Passes what follows an opcode. */
  skipImmediates(opcode: number): void {
    switch (immediates[opcode]) {
      case immediate.none:
        return;
      case immediate.leb:
        return this.skipLeb();
      case immediate.memory:
        return this.skipMemoryArgument();
      case immediate.blockType:
        return this.skipBlockType();
      case immediate.twoLebs:
        this.skipLeb();
        return this.skipLeb();
      case immediate.fourBytes:
        this.at += 4;
        return;
      case immediate.eightBytes:
        this.at += 8;
        return;
      case immediate.labels:
        for (let count = this.unsigned() + 1; count > 0; count--) this.skipLeb();
        return;
      case immediate.types:
        for (let count = this.unsigned(); count > 0; count--) this.skipValueType();
        return;
      case immediate.tryTable:
        this.skipBlockType();
        return this.skipCatches();
      case immediate.gc:
        return this.skipGc(this.unsigned());
      case immediate.bulk:
        return this.skipBulk(this.unsigned());
      case immediate.simd:
        return this.#skipSimd(this.unsigned());
      case immediate.atomic:
        return this.#skipAtomic(this.unsigned());
      default:
        this.at -= 1;
        this.fail(`the instruction 0x${opcode.toString(16)} is not known to Weft`);
    }
  }

  skipMemoryArgument(): void {
    const flags = this.unsigned();
    if (flags & hasMemoryIndex) this.skipLeb();
    this.skipLeb();
  }

  /** The constant offset of a memory argument. */
  memoryOffset(): number {
    if (this.unsigned() & hasMemoryIndex) this.skipLeb();
    return this.unsigned();
  }

  skipCatches(): void {
    for (let count = this.unsigned(); count > 0; count--) {
      // `catch` and `catch_ref` name a tag, `catch_all` and `catch_all_ref` do not.
      if (this.byte() < 2) this.skipLeb();
      this.skipLeb();
    }
  }

  /** After 0xfb and its number. */
  skipGc(code: number): void {
    if (code <= 1 || code === 6 || code === 7 || (code >= 11 && code <= 14) || code === 16) return this.skipLeb();
    if (code === 15 || (code >= 26 && code <= 30)) return;
    if (code >= 20 && code <= 23) return this.skipLeb();
    if (code === 24 || code === 25) {
      this.at += 1;
      for (let count = 3; count > 0; count--) this.skipLeb();
      return;
    }
    if (code <= 19) {
      this.skipLeb();
      return this.skipLeb();
    }
    this.fail(`the instruction 0xfb ${code} is not known to Weft`);
  }

  /** After 0xfc and its number. */
  skipBulk(code: number): void {
    if (code <= 7 || (code >= 19 && code <= 22)) return;
    if (code === 8 || code === 10 || code === 12 || code === 14) {
      this.skipLeb();
      return this.skipLeb();
    }
    if (code <= 17) return this.skipLeb();
    this.fail(`the instruction 0xfc ${code} is not known to Weft`);
  }

  #skipSimd(code: number): void {
    if (code <= 11 || code === 92 || code === 93) return this.skipMemoryArgument();
    if (code === 12 || code === 13) this.at += 16;
    else if (code >= 21 && code <= 34) this.at += 1;
    else if (code >= 84 && code <= 91) {
      this.skipMemoryArgument();
      this.at += 1;
    } else if (code > 0x13f) this.fail(`the instruction 0xfd ${code} is not known to Weft`);
  }

  #skipAtomic(code: number): void {
    if (code === 3) this.at += 1;
    else if (code <= 0x4e) this.skipMemoryArgument();
    else this.fail(`the instruction 0xfe ${code} is not known to Weft`);
  }
}
