import type { PoolSpec } from "../../registry/placement.ts";
import type { Pool, PoolSample, SlotController } from "./pool.ts";

/** Ticks a growth is watched before it is judged. */
const probeTicks = 4;
/** Ticks under half load before a slot is given up. */
const quietTicks = 8;
/** Largest growth at once, as a share of the maximum. */
const growthShare = 0.25;
/** Weights of the newest sample in the smoothed throughput and in its variance. */
const throughputWeight = 0.2;
const varianceWeight = 0.1;
/** Failed probes double the pause before the next, up to this many times. */
const maxBackoffDoublings = 10;
/** Pause after a failed and after a good probe, in ticks (2 s and 1 s). */
const failedPauseTicks = 4;
const goodPauseTicks = 2;

/** Grows when all slots are busy and calls wait, keeps the growth only if it helped, shrinks when idle: `spec/wasm.md` §5.2. */
export const adaptivePool: Pool = {
  type: "adaptive",
  slotsAtStart: (spec) => spec.minSlots,
  adapt: (spec) => new ThroughputController(spec),
};

interface Probe {
  readonly before: number;
  readonly throughputBefore: number;
  readonly waitingBefore: number;
  ticksLeft: number;
}

class ThroughputController implements SlotController {
  readonly #spec: PoolSpec;
  #smoothed = 0;
  #variance = 0;
  #probe: Probe | undefined;
  #pause = 0;
  #failures = 0;
  #quiet = 0;

  constructor(spec: PoolSpec) {
    this.#spec = spec;
  }

  tick(sample: PoolSample): number {
    this.#observe(sample.finished);
    if (this.#pause > 0) this.#pause -= 1;
    if (this.#probe !== undefined) return this.#judge(this.#probe, sample);
    if (sample.busy >= sample.slots && sample.waiting > 0) return this.#grow(sample);
    return this.#shrink(sample);
  }

  #observe(finished: number): void {
    const difference = finished - this.#smoothed;
    this.#smoothed += throughputWeight * difference;
    this.#variance += varianceWeight * (difference * difference - this.#variance);
  }

  #grow(sample: PoolSample): number {
    this.#quiet = 0;
    if (this.#pause > 0 || sample.slots >= this.#spec.maxSlots) return sample.slots;
    const wanted = Math.max(
      sample.waiting > sample.slots ? Math.floor(sample.waiting / sample.slots) : 0,
      Math.floor(sample.slots * growthShare),
      1,
    );
    const cap = Math.max(1, Math.floor(this.#spec.maxSlots * growthShare));
    const growth = Math.min(wanted, cap, this.#spec.maxSlots - sample.slots);
    // A noisy throughput needs more ticks to be compared with.
    const noise = this.#smoothed === 0 ? 0 : Math.min(this.#variance / this.#smoothed ** 2, 3);
    this.#probe = {
      before: sample.slots,
      throughputBefore: this.#smoothed,
      waitingBefore: sample.waiting,
      ticksLeft: Math.round(probeTicks * (1 + noise)),
    };
    return sample.slots + growth;
  }

  #judge(probe: Probe, sample: PoolSample): number {
    probe.ticksLeft -= 1;
    if (probe.ticksLeft > 0) return sample.slots;
    this.#probe = undefined;
    const change = this.#smoothed - probe.throughputBefore;
    const threshold = Math.min(2 * Math.sqrt(this.#variance), probe.throughputBefore / 2);
    const better = change > threshold;
    const worse = change < -threshold;
    if (better || (!worse && sample.waiting < probe.waitingBefore)) {
      this.#failures = 0;
      this.#pause = goodPauseTicks;
      return sample.slots;
    }
    this.#pause = failedPauseTicks * 2 ** Math.min(this.#failures, maxBackoffDoublings);
    this.#failures += 1;
    return probe.before;
  }

  #shrink(sample: PoolSample): number {
    const idle = sample.waiting === 0 && sample.busy * 2 < sample.slots;
    this.#quiet = idle ? this.#quiet + 1 : 0;
    const least = Math.max(this.#spec.minSlots, sample.busy + 1);
    if (this.#quiet < quietTicks || sample.slots <= least) return sample.slots;
    this.#quiet = 0;
    return sample.slots - 1;
  }
}
