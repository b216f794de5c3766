import { WeftError } from "../../core/errors.ts";
import type { Placement } from "../../registry/placement.ts";
import type { IsolateSet } from "./isolates.ts";
import { commonClass } from "./threads.ts";

/** The isolates of WebAssembly processes; no `worker_class` can have this name. */
const processClass = " processes";

/** Says which isolates may run what, and makes those of worker classes when they are first needed. */
export class Seats {
  readonly #isolates: IsolateSet;
  readonly #common: number;
  readonly #columns: number;

  /** `common` is how many isolates everybody shares, 0 for none; `columns` how many there may be in all. */
  constructor(isolates: IsolateSet, { common, columns }: { readonly common: number; readonly columns: number }) {
    this.#isolates = isolates;
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

  /**
   * Where WebAssembly processes run: on isolates of their own, made with the first of them, so that one which computes
   * for long never holds up functions. Two at least, since one process may have to end another.
   */
  forProcesses(): readonly number[] {
    if (this.#common === 0) return this.#isolates.ofClass(commonClass);
    if (this.#isolates.ofClass(processClass).length === 0) {
      if (this.#room === 0) return this.#isolates.ofClass(commonClass);
      this.#isolates.open(processClass, Math.min(Math.max(2, this.#common), this.#room));
    }
    return this.#isolates.ofClass(processClass);
  }

  get #room(): number {
    return this.#columns - this.#isolates.handles.length;
  }
}
