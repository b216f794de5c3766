import { WeftError } from "../../core/errors.ts";
import type { Placement } from "../../registry/placement.ts";
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

  /** `held` says where processes compute for long; `common` is how many isolates everybody shares, 0 for none; `columns` how many there may be in all. */
  constructor(
    isolates: IsolateSet,
    held: HeldIsolates,
    { common, columns }: { readonly common: number; readonly columns: number },
  ) {
    this.#isolates = isolates;
    this.#held = held;
    this.#common = common;
    this.#columns = columns;
  }

  /** The isolates that may run an entry; those of its worker class are made when the first such entry is placed. */
  forPlacement({ id, pool: { workerClass } }: Placement): readonly number[] {
    if (workerClass === undefined || this.#common === 0) return this.#isolates.ofClass(commonClass);
    if (this.#isolates.ofClass(workerClass.name).length === 0) {
      if (workerClass.workers > this.#room) {
        throw new WeftError("UNSUPPORTED", `${id}: worker classes may have ${this.#room} more workers at most`);
      }
      this.#isolates.open(workerClass.name, workerClass.workers);
    }
    return this.#isolates.ofClass(workerClass.name);
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
