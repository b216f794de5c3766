import { monotonicMs } from "../../core/clock.ts";
import { ProcessesInside } from "../kill-cells.ts";
import type { SharedTables } from "../protocol.ts";

/** An isolate that is seen inside of the same process at every look for so long, in milliseconds, does nothing else. */
const heldAfterMs = 100;

interface Seen {
  readonly process: number;
  readonly since: number;
}

/**
 * Which isolates are held by a process that computes. Its neighbours wait for it, so no other process is started there
 * while there is another place.
 */
export class HeldIsolates {
  readonly #inside: ProcessesInside;
  readonly #seen: (Seen | undefined)[] = [];

  constructor(shared: SharedTables) {
    this.#inside = new ProcessesInside(shared);
  }

  /** Looks where each isolate is; to be called again and again. */
  look(): void {
    for (let isolate = 0; isolate < this.#inside.isolates; isolate += 1) {
      const process = this.#inside.at(isolate);
      if (process === undefined) this.#seen[isolate] = undefined;
      else if (this.#seen[isolate]?.process !== process) this.#seen[isolate] = { process, since: monotonicMs() };
    }
  }

  /** For how long an isolate has been inside of one process, as far as was seen, in milliseconds. */
  heldMs(isolate: number): number {
    const seen = this.#seen[isolate];
    return seen === undefined || this.#inside.at(isolate) !== seen.process ? 0 : monotonicMs() - seen.since;
  }

  isHeld(isolate: number): boolean {
    return this.heldMs(isolate) >= heldAfterMs;
  }
}
