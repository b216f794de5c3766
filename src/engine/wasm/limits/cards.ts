/** A card stands for so many bytes of memory, as a power of two. */
export const cardShift = 12;
const cardBytes = 1 << cardShift;
/** A write that begins on a card may go this far beyond it: so constant offsets of stores need not be added up. */
export const markedReach = 1024;

/** Pages of cards: a byte for each card of 4 GB, so no address is beyond. Only what is marked is ever touched. */
export const cardPages = 16;

/** A stretch of memory. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/**
 * Which parts of an instance's memories may have been written to since it was made or put back: a byte for each of their
 * cards, in a memory of its own, which the guest's rewritten code marks and cannot name otherwise. Its memories share it.
 */
export class Cards {
  readonly memory: WebAssembly.Memory;
  readonly #cards: Uint8Array;
  readonly #words: Int32Array;
  #isAll = false;

  /** `memory` has `cardPages` of zeros. */
  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
    this.#cards = new Uint8Array(memory.buffer);
    this.#words = new Int32Array(memory.buffer);
  }

  /** The host is about to write somewhere. */
  mark(at: number, length: number): void {
    for (let card = at >>> cardShift; card * cardBytes < at + length; card += 1) this.#cards[card] = 1;
  }

  /** The host may write anywhere. */
  markAll(): void {
    this.#isAll = true;
  }

  /** What may have been written to of the first `bytes` of memory, in order. It is not marked any more. */
  take(bytes: number): readonly Stretch[] {
    const words = this.#words;
    const stretches: Stretch[] = [];
    let from = -1;
    const count = Math.ceil(bytes / cardBytes);
    for (let word = 0; word * 4 < count; word += 1) {
      if (words[word] === 0) {
        if (from >= 0) from = this.#end(stretches, from, word * 4);
        continue;
      }
      for (let card = word * 4; card < word * 4 + 4; card += 1) {
        if (this.#cards[card] === 0) {
          if (from >= 0) from = this.#end(stretches, from, card);
        } else if (from < 0) from = card;
      }
      words[word] = 0;
    }
    if (from >= 0) this.#end(stretches, from, count);
    if (!this.#isAll) return stretches;
    this.#isAll = false;
    return [{ from: 0, to: bytes }];
  }

  #end(stretches: Stretch[], from: number, card: number): -1 {
    stretches.push({ from: from * cardBytes, to: card * cardBytes + markedReach });
    return -1;
  }
}

const marked = new WeakMap<WebAssembly.Memory, Cards>();

/** Says which cards the writes to a memory are marked in: none any more when it is another's. */
export function markIn(memory: WebAssembly.Memory, cards: Cards | undefined): void {
  if (cards === undefined) marked.delete(memory);
  else marked.set(memory, cards);
}

/** Where a host marks what it writes to a memory; undefined where nobody asks for that. */
export function cardsOf(memory: WebAssembly.Memory | undefined): Cards | undefined {
  return memory === undefined ? undefined : marked.get(memory);
}
