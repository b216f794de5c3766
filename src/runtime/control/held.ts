import { monotonicMs } from "../../core/clock.ts";
import { ProcessesInside } from "../kill-cells.ts";
import type { SharedTables } from "../protocol.ts";

/** An isolate that is seen inside of the same process at every look for so long, in milliseconds, does nothing else. */
const heldAfterMs = 100;
/** After this time whoever runs the app is told, in milliseconds. */
const toldAfterMs = 2_000;

interface Seen {
  readonly process: number;
  readonly since: number;
  isTold: boolean;
}

/**
 * Which isolates are held by a process that computes. Its neighbours wait for it, so no other process is started there
 * while there is another place.
 */
export class HeldIsolates {
  readonly #inside: ProcessesInside;
  readonly #seen: (Seen | undefined)[] = [];

  readonly #tell: (process: number) => void;

  /** `tell` hears of each process, by its number, that holds its isolate for long. */
  constructor(shared: SharedTables, tell: (process: number) => void) {
    this.#inside = new ProcessesInside(shared);
    this.#tell = tell;
  }

  /** Looks where each isolate is; to be called again and again. */
  look(): void {
    for (let isolate = 0; isolate < this.#inside.isolates; isolate += 1) {
      const process = this.#inside.at(isolate);
      const seen = this.#seen[isolate];
      if (process === undefined) this.#seen[isolate] = undefined;
      else if (seen?.process !== process) this.#seen[isolate] = { process, since: monotonicMs(), isTold: false };
      else if (!seen.isTold && monotonicMs() - seen.since >= toldAfterMs) {
        seen.isTold = true;
        this.#tell(process);
      }
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
