import { WeftError } from "../../core/errors.ts";
import type { EntryId } from "../../core/ids.ts";
import type { Placement } from "../../registry/placement.ts";
import type { Placed } from "../placed.ts";
import type { SeatWanted } from "../process/table.ts";
import type { IsolateHandle } from "./handle.ts";
import type { HeldIsolates } from "./held.ts";
import type { IsolateSet } from "./isolates.ts";
import { commonClass } from "./threads.ts";

/** How the names of the isolates of WebAssembly processes begin; no `worker_class` can have such a name. */
const processClass = " processes";

/** Says which isolates may run what, and makes those of worker classes when they are first needed. */
export class Seats {
  readonly #isolates: IsolateSet;
  readonly #held: HeldIsolates;
  readonly #common: number;
  readonly #columns: number;
  readonly #placed: ReadonlyMap<EntryId, Placed>;

  /** `held` says where processes compute for long; `common` is how many isolates everybody shares, 0 for none; `columns` how many there may be in all; `placed` is what runs on them. */
  constructor(
    isolates: IsolateSet,
    held: HeldIsolates,
    parts: { readonly common: number; readonly columns: number; placed: ReadonlyMap<EntryId, Placed> },
  ) {
    this.#isolates = isolates;
    this.#held = held;
    this.#common = parts.common;
    this.#columns = parts.columns;
    this.#placed = parts.placed;
  }

  /** The isolates that may run an entry; those of its worker class are made when the first such entry is placed. */
  forPlacement({ id, pool: { workerClass } }: Placement): readonly number[] {
    if (workerClass === undefined || this.#common === 0) return this.#isolates.ofClass(commonClass);
    const { name, workers } = workerClass;
    const left = this.#isolates.ofClass(name).length > 0 ? undefined : this.#leftClass(workers);
    if (left !== undefined) this.#isolates.rename(left, name);
    if (this.#isolates.ofClass(name).length === 0) {
      if (workers > this.#room) {
        throw new WeftError("UNSUPPORTED", `${id}: worker classes may have ${this.#room} more workers at most`);
      }
      this.#isolates.open(name, workers);
    }
    return this.#isolates.ofClass(name);
  }

  /** A class of that many isolates that no entry has any more, and that nothing runs on: an app that is edited for long makes no end of them. */
  #leftClass(workers: number): string | undefined {
    const used = new Set([...this.#placed.values()].map(({ placement }) => placement.pool.workerClass?.name));
    return [...this.#isolates.classes].find((name) => {
      if (name === commonClass || name.startsWith(processClass) || used.has(name)) return false;
      const isolates = this.#isolates.ofClass(name);
      return isolates.length === workers && isolates.every((isolate) => this.#isolates.at(isolate)?.load === 0);
    });
  }

  /** Where a process runs: one that may hold its isolate best not where another does, nor with its spawner. */
  forProcess({ mayHold, avoided, within }: SeatWanted): IsolateHandle | undefined {
    if (!mayHold) return this.#isolates.leastLoaded(within(this.#isolates.ofClass(commonClass)));
    const isolates = within(this.#forHolding());
    const free = isolates.filter((isolate) => !this.#held.isHeld(isolate));
    const others = free.filter((isolate) => isolate !== avoided);
    return this.#isolates.leastLoaded([others, free, isolates].find(({ length }) => length > 0) ?? []);
  }

  /**
   * Where WebAssembly processes run: on isolates of their own, made with the first of them, so that one which computes
   * for long never holds up functions. Two at least, since one process may have to end another. While all are held by
   * such, one more is made, up to twice as many.
   */
  #forHolding(): readonly number[] {
    if (this.#common === 0) return this.#isolates.ofClass(commonClass);
    const first = Math.max(2, this.#common);
    const mine = this.#processIsolates();
    const areHeld = mine.length < 2 * first && mine.every((isolate) => this.#held.isHeld(isolate));
    const more = Math.min(mine.length === 0 ? first : areHeld ? 1 : 0, this.#room);
    if (more > 0) this.#isolates.open(`${processClass} ${mine.length}`, more);
    const all = more > 0 ? this.#processIsolates() : mine;
    return all.length === 0 ? this.#isolates.ofClass(commonClass) : all;
  }

  #processIsolates(): readonly number[] {
    return this.#isolates.ofClasses((name) => name.startsWith(processClass));
  }

  get #room(): number {
    return this.#columns - this.#isolates.handles.length;
  }
}
