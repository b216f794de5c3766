/** Calls that are judged together, by what the one in the middle takes. */
const windowCalls = 16;
/** What putting a whole memory back takes, in milliseconds for each byte: 15 µs a megabyte, if nobody else uses the caches. */
const msPerByte = 15e-9;
/**
 * Marking takes 5 to 20 % of a call, and nearly all of a reset falls away. So it is begun where a reset takes this part of
 * a call, and left where it takes that part.
 */
const beginsAt = 0.3;
const endsAt = 0.1;
/** Programs with so much memory are large: their code is warmed up for half a second, which they do not do twice if it can be helped. */
const largeBytes = 4 * 1024 * 1024;
/** Windows that must say the same after the first change, since the other form of the code is cold; twice as many after each. */
const patience = 8;

/**
 * Judges by what an entry's calls take whether its instances are to mark what they write to: that makes calls a little
 * dearer, and putting instances back cheap.
 */
export class ResetCost {
  readonly #wholeMs: number;
  #marks: boolean;
  #calls: number[] = [];
  /** Windows in a row that say that it should be otherwise, and how many it takes. */
  #doubts = 0;
  #patience: number;

  /** `bytes` is the memory that an instance begins with. */
  constructor(bytes: number) {
    this.#wholeMs = bytes * msPerByte;
    this.#marks = bytes >= largeBytes;
    this.#patience = this.#marks ? patience : 1;
  }

  get marks(): boolean {
    return this.#marks;
  }

  /** The guest of a call has run for so many milliseconds. */
  noteCall(ms: number): void {
    if (this.#calls.push(ms) < windowCalls) return;
    const callMs = this.#calls.toSorted((a, b) => a - b)[windowCalls / 2] ?? 0;
    this.#calls = [];
    const wanted = this.#wholeMs > callMs * (this.#marks ? endsAt : beginsAt);
    this.#doubts = wanted === this.#marks ? 0 : this.#doubts + 1;
    if (this.#doubts < this.#patience) return;
    this.#marks = wanted;
    this.#doubts = 0;
    this.#patience = Math.max(this.#patience * 2, patience);
  }
}
