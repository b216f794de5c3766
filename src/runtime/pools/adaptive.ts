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
  /** Change of throughput that could be chance: two standard deviations from before the growth. */
  readonly noise: number;
  readonly waitingBefore: number;
  ticksLeft: number;
  /** Calls finished since the growth took hold, and in how many ticks. */
  finished: number;
  ticks: number;
}

class ThroughputController implements SlotController {
  readonly #spec: PoolSpec;
  #smoothed: number | undefined;
  #variance = 0;
  #probe: Probe | undefined;
  #pause = 0;
  #failures = 0;
  #quiet = 0;

  constructor(spec: PoolSpec) {
    this.#spec = spec;
  }

  tick(sample: PoolSample): number {
    const throughput = this.#observe(sample.finished);
    if (this.#pause > 0) this.#pause -= 1;
    if (this.#probe !== undefined) return this.#judge(this.#probe, sample);
    if (sample.busy >= sample.slots && sample.waiting > 0) return this.#grow(sample, throughput);
    return this.#shrink(sample);
  }

  #observe(finished: number): number {
    if (this.#smoothed === undefined) {
      this.#smoothed = finished;
      return finished;
    }
    const difference = finished - this.#smoothed;
    this.#smoothed += throughputWeight * difference;
    this.#variance += varianceWeight * (difference * difference - this.#variance);
    return this.#smoothed;
  }

  #grow(sample: PoolSample, throughput: number): number {
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
    const unsteadiness = throughput === 0 ? 0 : Math.min(this.#variance / throughput ** 2, 3);
    this.#probe = {
      before: sample.slots,
      throughputBefore: throughput,
      noise: Math.min(2 * Math.sqrt(this.#variance), throughput / 2),
      waitingBefore: sample.waiting,
      ticksLeft: Math.round(probeTicks * (1 + unsteadiness)),
      finished: 0,
      ticks: 0,
    };
    return sample.slots + growth;
  }

  #judge(probe: Probe, sample: PoolSample): number {
    probe.ticksLeft -= 1;
    probe.finished += sample.finished;
    probe.ticks += 1;
    if (probe.ticksLeft > 0) return sample.slots;
    this.#probe = undefined;
    // What comes next is compared with how things are now, not with the way here.
    this.#smoothed = probe.finished / probe.ticks;
    this.#variance = 0;
    const change = this.#smoothed - probe.throughputBefore;
    const better = change > probe.noise;
    const worse = change < -probe.noise;
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
