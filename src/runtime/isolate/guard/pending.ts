import { monotonicMs } from "../../../core/clock.ts";
import { PassingMap } from "../../../core/passing.ts";

const tickMs = 256;

/** Counts time-outs that were set and have not come due: V8 keeps some 300 bytes for each until then. */
export class PendingTimeouts {
  readonly #byTick = new PassingMap<number, number>();
  #count = 0;
  #now = 0;

  /** How many there are. */
  get count(): number {
    this.#forgetDue();
    return this.#count;
  }

  add(ms: number): void {
    const tick = Math.ceil((monotonicMs() + ms) / tickMs);
    this.#byTick.set(tick, (this.#byTick.get(tick) ?? 0) + 1);
    this.#count += 1;
  }

  #forgetDue(): void {
    const now = Math.floor(monotonicMs() / tickMs);
    if (now === this.#now) return;
    this.#now = now;
    for (const [tick, count] of this.#byTick) {
      if (tick > now) continue;
      this.#byTick.delete(tick);
      this.#count -= count;
    }
  }
}
