import { MessageChannel } from "node:worker_threads";
import { monotonicMs } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import { portLink, type Link } from "../link.ts";
import { KillCell } from "../kill-cells.ts";
import { clearOverrun, startedCalls } from "../overrun.ts";
import type { FromIsolate, IsolateLoss, SharedTables, ToIsolate } from "../protocol.ts";
import { IsolateHandle } from "./handle.ts";
import { Killer } from "./killer.seam.ts";
import { commonClass, Threads } from "./threads.ts";

/** A thread that ends this often before it serves is not started again: something is wrong with the installation. */
const maxFailedStarts = 3;

/** An isolate that does not answer this long after a call on it was cancelled is stuck, in milliseconds. */
const stuckAfterMs = 500;
/** A young one may be compiling what its first calls need, which no guest is to blame for. */
const youngMs = 10_000;
const youngStuckAfterMs = 3_000;

/** When a process that was ended is looked for, in milliseconds after the time before: most have stopped by the second. */
const cutPausesMs = [1, 4, 20, 75, 200];

/** A guest that is cut is gone after so long, in milliseconds; if not, its isolate is stuck. */
const cutWithinMs = 1_000;

/** What happens to isolates, as the control plane hears it. */
export interface IsolateEvents {
  receive(handle: IsolateHandle, message: FromIsolate): void;
  /** A call that was cancelled ran on an isolate that then did not react, and was ended. */
  lost(handle: IsolateHandle, loss: IsolateLoss): void;
  /** A new isolate took the number of one that ended, or the first of its number started. */
  started(handle: IsolateHandle): void;
}

interface Seat {
  workerClass: string;
  /** What it is inside of: stays with the number. */
  readonly cell: KillCell;
  handle: IsolateHandle;
  /** When its thread began to serve, on `monotonicMs`. */
  readyAt: number;
  failedStarts: number;
  awaitsPong: boolean;
  /** When a guest of it was last cut, on `monotonicMs`. */
  cutAt?: number;
  /** Why the thread is being ended, once somebody decided so. */
  ending: IsolateLoss | undefined;
}

/** All isolates of a runtime: starts them, replaces those that end, connects each with each. */
export class IsolateSet implements AsyncDisposable {
  readonly #shared: SharedTables;
  readonly #threads: Threads;
  readonly #events: IsolateEvents;
  readonly #log: Log;
  readonly #seats: Seat[] = [];
  /** The isolate of this thread, which no thread's end disposes of. */
  #here: Disposable | undefined;
  #closed = false;
  readonly #killer = new Killer();
  #looksAgain: NodeJS.Timeout | undefined;

  constructor(shared: SharedTables, events: IsolateEvents, log: Log) {
    this.#shared = shared;
    this.#threads = new Threads(shared);
    this.#events = events;
    this.#log = log;
  }

  /** Starts the isolates of a worker class on threads of their own. */
  open(workerClass: string, count: number): void {
    this.#threads.open(workerClass, count);
    for (let index = 0; index < count; index += 1) this.#start(this.#seats.length, workerClass);
  }

  /** Gives the isolates of one worker class to another: they are no different. */
  rename(from: string, to: string): void {
    this.#threads.rename(from, to);
    for (const seat of this.#seats) if (seat.workerClass === from) seat.workerClass = to;
  }

  /** The worker classes that have isolates. */
  get classes(): ReadonlySet<string> {
    return new Set(this.#seats.map(({ workerClass }) => workerClass));
  }

  /** Seats an isolate that runs in this thread. */
  async openHere(): Promise<void> {
    const { Isolate } = await import("../isolate/isolate.ts");
    const number = this.#seats.length;
    const toIsolate = directLink<ToIsolate>((message) => isolate.receive(message));
    const handle = new IsolateHandle(number, toIsolate, () => undefined);
    const fromIsolate = directLink<FromIsolate>((message) => this.#events.receive(handle, message));
    const isolate = new Isolate({ isolate: number, shared: this.#shared, link: fromIsolate, ownThread: false });
    this.#here = { [Symbol.dispose]: () => isolate.dispose() };
    this.#seats.push({
      workerClass: commonClass,
      cell: new KillCell(this.#shared, number),
      handle,
      readyAt: 0,
      failedStarts: 0,
      awaitsPong: false,
      ending: undefined,
    });
    this.#events.started(handle);
  }

  get handles(): readonly IsolateHandle[] {
    return this.#seats.map((seat) => seat.handle);
  }

  /** Numbers of the isolates of a class. */
  ofClass(workerClass: string): readonly number[] {
    return this.ofClasses((name) => name === workerClass);
  }

  /** Numbers of the isolates of some classes. */
  ofClasses(isMeant: (workerClass: string) => boolean): readonly number[] {
    return this.#seats.flatMap((seat, number) => (isMeant(seat.workerClass) ? [number] : []));
  }

  at(number: number): IsolateHandle | undefined {
    return this.#seats[number]?.handle;
  }

  /** The isolate of `numbers` with the fewest calls in flight. */
  leastLoaded(numbers: readonly number[]): IsolateHandle | undefined {
    const handles = numbers.flatMap((number) => this.#seats[number]?.handle ?? []);
    return handles.reduce<IsolateHandle | undefined>(
      (best, handle) => (best === undefined || handle.load < best.load ? handle : best),
      undefined,
    );
  }

  broadcast(message: ToIsolate): void {
    for (const { handle } of this.#seats) handle.link.send(message);
  }

  /** Ends an isolate whatever it does; calls in flight there fail with what `loss` says, and a new one takes its place. */
  end(number: number, loss: IsolateLoss): void {
    const seat = this.#seats[number];
    if (seat === undefined || seat.ending !== undefined || seat.handle.threadId === undefined) return;
    seat.ending = loss;
    this.#log.warn("ending an isolate", { isolate: number, reason: loss.overrun?.message ?? "it did not react" });
    void this.#threads.terminate(seat.handle.threadId);
  }

  /**
   * Has a process of an isolate cut off if it is inside of it now, or soon: it may be on its way in. The isolate goes on.
   */
  async cut(number: number, process: number): Promise<void> {
    const cell = this.#seats[number]?.cell;
    if (cell === undefined) return;
    for (const pauseMs of cutPausesMs) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      const threadId = this.at(number)?.threadId;
      if (threadId === undefined || this.#closed || !(await this.#killer.canReach(threadId))) continue;
      if (cell.order(process)) return void this.#killer.kill(threadId);
    }
  }

  /**
   * Has calls cut that are past their deadline and have no time-out of their own: see `Guard`. Called every so many
   * milliseconds; looks by itself once more, or until a timer that came too early came late enough, when a call's time is
   * over before the next time.
   */
  cutOverdue(everyMs: number): void {
    let soonest = everyMs;
    for (const seat of this.#seats) {
      const { handle, cell } = seat;
      if (handle.threadId === undefined || !cell.asks) continue;
      if (!this.#killer.reaches(handle.threadId)) {
        void this.#killer.canReach(handle.threadId);
        continue;
      }
      cell.sayWatched();
      const { call } = cell;
      if (call === undefined) continue;
      if (call.leftMs > 0) soonest = Math.min(soonest, call.leftMs);
      else if (cell.order(call.number)) {
        seat.cutAt = monotonicMs();
        this.#killer.kill(handle.threadId);
        handle.link.send({ type: "cut" });
      }
    }
    if (soonest >= everyMs || this.#closed) return;
    this.#looksAgain ??= setTimeout(() => {
      this.#looksAgain = undefined;
      this.cutOverdue(everyMs);
    }, soonest).unref();
  }

  /** Whether an isolate's guest was cut just now, though perhaps late: it need not be ended. */
  isBeingCut(number: number): boolean {
    const cutAt = this.#seats[number]?.cutAt;
    return cutAt !== undefined && monotonicMs() - cutAt < cutWithinMs;
  }

  /** Notes that an isolate said something that every live one says. */
  heard(handle: IsolateHandle, message: FromIsolate): void {
    const seat = this.#seats[handle.number];
    if (seat?.handle !== handle) return;
    if (message.type === "pong") seat.awaitsPong = false;
    if (message.type === "ready") {
      handle.threadId = message.threadId;
      seat.failedStarts = 0;
      seat.readyAt = monotonicMs();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#looksAgain);
    for (const { handle } of this.#seats) handle.link.close();
    await this.#threads.close();
    this.#killer.dispose();
    this.#here?.[Symbol.dispose]();
  }

  #start(number: number, workerClass: string): void {
    const { port, ended } = this.#threads.start(workerClass, number);
    const link = portLink<FromIsolate, ToIsolate>(port, (message) => this.#events.receive(handle, message));
    const handle = new IsolateHandle(number, link, (cancelled) => this.#checkAlive(cancelled));
    const seat = this.#seats[number] ?? {
      workerClass,
      cell: new KillCell(this.#shared, number),
      handle,
      readyAt: Infinity,
      failedStarts: 0,
      awaitsPong: false,
      ending: undefined,
    };
    Object.assign(seat, { handle, readyAt: Infinity, awaitsPong: false, ending: undefined });
    this.#seats[number] = seat;
    void ended.then((error) => this.#ended(seat, handle, error));
    this.#connectPeers(handle);
    this.#events.started(handle);
  }

  #connectPeers(handle: IsolateHandle): void {
    for (const { handle: other } of this.#seats) {
      if (other === handle) continue;
      const { port1, port2 } = new MessageChannel();
      handle.link.sendPort({ type: "peer", isolate: other.number, port: port1 }, port1);
      other.link.sendPort({ type: "peer", isolate: handle.number, port: port2 }, port2);
    }
  }

  #ended(seat: Seat, handle: IsolateHandle, error: unknown): void {
    if (this.#closed || seat.handle !== handle) return;
    const loss = seat.ending ?? {};
    if (seat.ending === undefined) this.#log.error("an isolate ended by itself", { isolate: handle.number, error });
    if (handle.threadId === undefined) seat.failedStarts += 1;
    const started = startedCalls(this.#shared, handle.number);
    clearOverrun(this.#shared, handle.number);
    seat.cell.forget();
    for (const { handle: other } of this.#seats) {
      if (other !== handle) other.link.send({ type: "peer-lost", isolate: handle.number, loss });
    }
    this.#events.lost(handle, loss);
    if (seat.failedStarts >= maxFailedStarts) throw new Error("isolates cannot be started", { cause: error });
    this.#start(handle.number, seat.workerClass);
    handle.lose(loss, started);
  }

  /** An isolate that cannot even say it is there is stuck in the guest whose call was just taken back. */
  #checkAlive(handle: IsolateHandle): void {
    const seat = this.#seats[handle.number];
    if (seat?.handle !== handle || seat.awaitsPong) return;
    seat.awaitsPong = true;
    handle.link.send({ type: "ping" });
    this.#endUnlessHeard(seat, handle);
  }

  #endUnlessHeard(seat: Seat, handle: IsolateHandle): void {
    const isYoung = monotonicMs() - seat.readyAt < youngMs;
    setTimeout(
      () => {
        if (!seat.awaitsPong || seat.handle !== handle || this.#closed) return;
        // One that has yet to start will begin with the call that was taken back.
        if (handle.threadId === undefined) this.#endUnlessHeard(seat, handle);
        else this.end(handle.number, {});
      },
      isYoung ? youngStuckAfterMs : stuckAfterMs,
    ).unref();
  }
}

/** The line to code of this thread: messages arrive at once. */
function directLink<Out>(receive: (message: Out) => void): Link<Out> {
  return { send: receive, sendPort: receive, close() {} };
}
