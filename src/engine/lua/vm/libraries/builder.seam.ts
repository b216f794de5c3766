// Long strings put together from many parts.
import { longestString } from "../access.seam.ts";
import type { Thread } from "../internals.seam.ts";
import { chargeFirst } from "../meter.seam.ts";
import { fail } from "./arguments.seam.ts";

/** V8 keeps joined parts apart, at 32 bytes each, until somebody reads them: after so many they are put together. */
const mostParts = 1_024;

/** Joins parts, and has them paid for as they come. */
export class Builder {
  readonly #done: string[] = [];
  #last = "";
  #parts = 0;
  #length = 0;

  add(L: Thread, part: string): void {
    this.#last += part;
    this.#length += part.length;
    if (this.#length > longestString) fail(L, "resulting string too large");
    if (++this.#parts >= mostParts) this.#putTogether(L);
  }

  finish(L: Thread): string {
    if (this.#done.length === 0 && this.#parts <= 1) return this.#last;
    this.#putTogether(L);
    const [only = ""] = this.#done;
    return this.#done.length === 1 ? only : this.#done.join("");
  }

  #putTogether(L: Thread): void {
    const text = this.#last;
    chargeFirst(L, text.length);
    // Reading a character joins the parts.
    text.charCodeAt(text.length - 1);
    this.#done.push(text);
    this.#last = "";
    this.#parts = 0;
  }
}
