import { WeftError } from "../../core/errors.ts";
import { invert, squash, type Step } from "./change.ts";

/** One state of the registry that was. */
export interface Version {
  readonly id: number;
  /** The version it was made from; undefined for the first one that is known. */
  readonly previous: number | undefined;
  /** Unix time in milliseconds. */
  readonly at: number;
  /** How many entries changed. */
  readonly changes: number;
}

/** What a history keeps of each version. */
export interface VersionRecord extends Version {
  readonly steps: readonly Step[];
}

/** Keeps versions. */
export interface History extends Disposable {
  /** Every version that is kept, oldest first. */
  list(): readonly Version[];
  /** What the list says of one version; undefined when it is not kept. */
  describe(id: number): Version | undefined;
  /** @throws WeftError `VERSION_NOT_FOUND`. */
  get(id: number): VersionRecord;
  append(record: VersionRecord): void;
}

/** Versions in memory; the oldest are forgotten, so that an app that changes for ever does not grow for ever. */
export class MemoryHistory implements History {
  readonly #records = new Map<number, VersionRecord>();
  readonly #most: number;

  /** `most` is how many versions are kept. */
  constructor(most: number) {
    this.#most = most;
  }

  list(): readonly Version[] {
    return [...this.#records.values()].map(withoutSteps);
  }

  describe(id: number): Version | undefined {
    const record = this.#records.get(id);
    return record && withoutSteps(record);
  }

  get(id: number): VersionRecord {
    const record = this.#records.get(id);
    if (record === undefined) throw unknownVersion(id);
    return record;
  }

  append(record: VersionRecord): void {
    this.#records.set(record.id, record);
    for (const id of this.#records.keys()) {
      if (this.#records.size <= this.#most) return;
      this.#records.delete(id);
    }
  }

  [Symbol.dispose](): void {
    this.#records.clear();
  }
}

/** What a list shows of a version. */
export function withoutSteps({ id, previous, at, changes }: VersionRecord): Version {
  return { id, previous, at, changes };
}

/** The error for a version that is not kept. */
export function unknownVersion(id: number): WeftError {
  return new WeftError("VERSION_NOT_FOUND", `there is no version ${id} of the registry`, { details: { version: id } });
}

/**
 * The steps that lead from one version to another: back to where both come from, then forth.
 * @throws WeftError `VERSION_NOT_FOUND` when a version on the way is not kept.
 */
export function stepsBetween(history: History, from: number, to: number): readonly Step[] {
  history.get(to);
  const back: Step[] = [];
  const forth: Step[] = [];
  // A version is always younger than the one it was made from: the younger end walks until both meet.
  for (let [left, right] = [from, to]; left !== right;) {
    const { previous, steps } = history.get(Math.max(left, right));
    if (previous === undefined) throw unknownVersion(Math.min(left, right));
    if (left > right) {
      back.push(...invert(steps));
      left = previous;
    } else {
      forth.unshift(...steps);
      right = previous;
    }
  }
  return squash([...back, ...forth]);
}
