/**
 * So much of the work that begins at once goes to one isolate, in microseconds, before another one is given any: to wake
 * a thread takes some 20 to 60 of both sides.
 */
const packMicros = 250;

/** Where calls go that begin together: quick ones to the same isolate, in one message. */
export class Packing {
  #isolate: number | undefined;
  #left = 0;
  #isEnding = false;

  /** The isolate to which the calls before this one went, if there is room for one that takes so long. */
  take(micros: number | undefined): number | undefined {
    if (micros === undefined || micros > this.#left) return undefined;
    this.#left -= micros;
    return this.#isolate;
  }

  /** The calls after this one may go where it goes, until those that begin together are sent. */
  begin(isolate: number, micros: number | undefined): void {
    if (micros === undefined) return;
    this.#isolate = isolate;
    this.#left = packMicros - micros;
    if (this.#isEnding) return;
    this.#isEnding = true;
    queueMicrotask(this.#end);
  }

  readonly #end = (): void => {
    this.#isEnding = false;
    this.#isolate = undefined;
    this.#left = 0;
  };
}
