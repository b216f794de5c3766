import { monotonicMs } from "../../core/clock.ts";
import { decodeContext, holdingContext, type CallContext } from "../../core/context.ts";
import { Cancellation } from "../../core/cancellation.ts";
import type { CollectOptions } from "../../core/collect.ts";
import { decodeError, encodeError, WeftError } from "../../core/errors.ts";
import { EntryGone } from "../../core/gone.ts";
import { requireFullId, type EntryId } from "../../core/ids.ts";
import type { Log } from "../../core/log.ts";
import type { RuntimeStats } from "../../core/stats.ts";
import type { Value } from "../../core/values.ts";
import type { InterpreterName } from "../../engine/lua/state/interpreter.seam.ts";
import type { CallRequest, DispatcherPort, RegistryPort } from "../../hosts/ports.ts";
import type { ServiceWorld } from "../../hosts/service.ts";
import { Policies } from "../../hosts/security/policies.ts";
import type { SecuritySettings } from "../../hosts/security/spec.ts";
import { Services } from "../../hosts/services.ts";
import { allocateMemoryCounts, forgetMemories } from "../../engine/wasm/limits/memory-pool.ts";
import type { Placement } from "../../registry/placement.ts";
import { callWithOptions } from "../dispatcher.ts";
import { allocateKillCells } from "../kill-cells.ts";
import { allocateOverrun, findOverruns } from "../overrun.ts";
import { Placed, placeMessage } from "../placed.ts";
import { allocateProcesses, ProcessCells } from "../process/cells.ts";
import { ProcessTable } from "../process/table.ts";
import type { Answer, FromIsolate, IsolateLoss, Question, SharedTables } from "../protocol.ts";
import { allocateSlots, SlotTable } from "../slots.ts";
import { functionRun, type IsolateHandle, type Run } from "./handle.ts";
import { HeldIsolates } from "./held.ts";
import { IsolateSet } from "./isolates.ts";
import { PoolSizes } from "./pool-sizes.ts";
import { Queues } from "./queues.ts";
import { Rows } from "./rows.ts";
import { Seats } from "./seats.ts";
import { lossError, overrunMessage } from "../loss.ts";
import { gatherStats, observedDispatcher } from "./stats.ts";
import { Subscriptions } from "./subscriptions.ts";
import { auditDenial } from "./audit.ts";
import { commonClass } from "./threads.ts";
import { hostForCalls, unknownEntry } from "./unknown-entry.ts";
import { PassingMap } from "../../core/passing.ts";

/** Isolates of worker classes come on top of the common ones; the shared tables keep room for this many. */
const maxClassIsolates = 32;
/** How often the control plane looks for guests past their deadline, and how far past it lets them be. */
const watchIntervalMs = 10;
const watchGraceMs = 20;
/** Processes that listen for events have this long to end when the runtime stops, in milliseconds. */
const drainMs = 5_000;

/** What a control plane is given. */
export interface ControlOptions {
  /** Threads for guests; 0 runs them in the calling thread, where a spinning guest cannot be stopped. */
  readonly isolates: number;
  /** Which interpreter runs Lua, `patched` if nothing is said. */
  readonly luaEngine?: InterpreterName;
  readonly heapBytes?: number | undefined;
  readonly log: Log;
  readonly registry: RegistryPort;
  /** What the shared halves of hosts may use beyond calls and the log. */
  readonly services?: Pick<ServiceWorld, "registry" | "app">;
  /** Reads the real standard input for a terminal process. */
  readStdin(limit: number): Promise<Uint8Array | undefined>;
}

/** The main thread's half of the runtime: who runs where, queues of full pools, processes, deadlines of stuck guests. */
export class ControlPlane implements AsyncDisposable {
  readonly #options: ControlOptions;
  readonly #shared: SharedTables;
  readonly #slots: SlotTable;
  readonly #isolates: IsolateSet;
  readonly #held: HeldIsolates;
  readonly #seats: Seats;
  readonly #queues: Queues;
  readonly #sizes: PoolSizes;
  readonly #dispatcher: DispatcherPort;
  readonly #placed = new Map<EntryId, Placed>();
  readonly #failed = new Map<EntryId, WeftError>();
  readonly #asked = new Map<IsolateHandle, PassingMap<number, Cancellation>>();
  readonly processes: ProcessTable;
  /** The halves of hosts that all isolates share. */
  readonly services: Services;
  /** The policies in force, for what is resolved and decided here. */
  readonly policies = new Policies();
  #security: SecuritySettings = { policies: [], broken: [], strict: false };
  readonly #subscriptions = new Subscriptions();
  readonly #rows: Rows;
  #generation = 0;
  #watch: NodeJS.Timeout | undefined;

  private constructor(options: ControlOptions) {
    this.#options = options;
    const columns = Math.max(options.isolates, 1) + maxClassIsolates;
    this.#shared = {
      isolates: columns,
      epoch: monotonicMs(),
      luaEngine: options.luaEngine ?? "patched",
      heapBytes: options.heapBytes,
      slots: allocateSlots(columns),
      overrun: allocateOverrun(columns),
      processes: allocateProcesses(),
      kills: allocateKillCells(columns),
      memories: allocateMemoryCounts(columns),
    };
    this.#slots = new SlotTable(this.#shared);
    this.#rows = new Rows(this.#shared, this.#slots);
    this.#held = new HeldIsolates(this.#shared, (process) => this.processes.tellHolding(process));
    this.#isolates = new IsolateSet(
      this.#shared,
      {
        receive: (handle, message) => this.#receive(handle, message),
        lost: (handle, loss) => this.#lost(handle, loss),
        started: (handle) => this.#introduce(handle),
      },
      options.log,
    );
    this.#seats = new Seats(this.#isolates, this.#held, { common: options.isolates, columns, placed: this.#placed });
    this.#queues = new Queues(this.#slots, {
      isolatesOf: (row) => this.#sizes.isolatesOf(row),
      work: (isolate) => this.#isolates.at(isolate)?.work ?? 0,
      start: (isolate, placed, { args, context }) =>
        this.#runOn(isolate, placed, args, holdingContext(context, placed.row)),
    });
    this.#sizes = new PoolSizes(this.#slots, this.#queues);
    this.#dispatcher = observedDispatcher({
      find: (id) => this.#placed.get(id),
      // Whoever calls from outside is the app itself; what isolates ask for was authorized there.
      authorize: () => undefined,
      acquireHere: () => false,
      releaseHere: () => undefined,
      acquireElsewhere: (row) => this.#queues.acquire(row),
      execute: (placed, args, context) => this.#runAnywhere(placed, args, context),
      executeElsewhere: (isolate, placed, args, context) => this.#runOn(isolate, placed, args, context),
      queue: (placed, request) => this.#queues.wait(placed, request),
      callOther: (request) => this.#callOther(request),
    });
    this.services = new Services({
      ...options.services,
      app: { ...options.services?.app, running: () => this.#running },
      log: options.log,
      call: (request) => this.#dispatcher.call(request),
      describe: (id) => this.#dispatcher.describe(id),
    });
    this.processes = new ProcessTable({
      find: (id) => this.#placed.get(id)?.placement,
      unknown: (id) => this.#unknown(id),
      seat: (wanted) => this.#seats.forProcess(wanted),
      seatAt: (number) => this.#isolates.at(number),
      cells: new ProcessCells(this.#shared),
      cut: (isolate, process) => void this.#isolates.cut(isolate, process),
      isHeld: (isolate) => this.#held.isHeld(isolate),
      log: options.log,
    });
  }

  /** Makes the control plane and starts its isolates; they need not be up before the first call. */
  static async start(options: ControlOptions): Promise<ControlPlane> {
    const control = new ControlPlane(options);
    if (options.isolates === 0) await control.#isolates.openHere();
    else control.#isolates.open(commonClass, options.isolates);
    control.#watch = setInterval(() => control.#endOverruns(), watchIntervalMs).unref();
    return control;
  }

  /** Makes an entry callable everywhere, or replaces it: calls in flight end on the program they began with. */
  place(placement: Placement): void {
    const index = this.#rows.of(placement.id);
    this.#generation += 1;
    const placed = new Placed(placement, { index, generation: this.#generation });
    // Before anything is told: there may be no room for its worker class.
    const isolates = placed.row < 0 ? undefined : this.#seats.forPlacement(placement);
    this.#failed.delete(placement.id);
    this.#placed.set(placement.id, placed);
    this.#isolates.broadcast(placeMessage(placed));
    if (isolates === undefined) return;
    this.#sizes.set(index, placement.pool, isolates);
    this.#queues.drain(index);
  }

  /** Notes that an entry exists but did not load, or is nothing that runs: calls to it say why. */
  placeFailed(id: EntryId, reason: WeftError): void {
    this.remove(id);
    this.#failed.set(id, reason);
  }

  /** Forgets an entry: calls in flight end well, those that wait for a slot do not. */
  remove(id: EntryId): void {
    this.#failed.delete(id);
    const placed = this.#placed.get(id);
    if (placed === undefined) return;
    this.#placed.delete(id);
    this.#isolates.broadcast({ type: "remove", id });
    this.#rows.release(id);
    if (placed.row < 0) return;
    this.#sizes.forget(placed.row);
    this.#queues.reject(placed.row, new EntryGone("POOL_CLOSED", id, `${id} was removed`));
  }

  /** Has the policies hold everywhere from now on: before whatever is placed next. */
  secure(settings: SecuritySettings): void {
    this.#security = settings;
    this.policies.replace(settings);
    this.#isolates.broadcast({ type: "security", settings });
  }

  /** The door for calls from outside and from isolates alike. */
  get dispatcher(): DispatcherPort {
    return this.#dispatcher;
  }

  /** Has every isolate collect its garbage; without `--expose-gc` nothing happens. */
  collectGarbage(options: CollectOptions = {}): void {
    this.#isolates.broadcast({ ...options, type: "collect" });
  }

  /** Ends an isolate, whatever it does: what runs there fails with `ISOLATE_LOST`, and a new one takes its place. */
  endIsolate(number: number): void {
    this.#isolates.end(number, {});
  }

  /** An entry that can be called or spawned. */
  find(id: EntryId): Placed | undefined {
    return this.#placed.get(id);
  }

  /** What it is doing at this moment, for whoever watches. */
  get stats(): RuntimeStats {
    return gatherStats(this.#shared, this.#isolates.handles, this.#placed.values());
  }

  /** Processes, and calls that hold a slot. */
  get #running(): number {
    return this.stats.pools.reduce((sum, { used }) => sum + used, this.processes.running.length);
  }

  /** Calls in flight by isolate: for reports and tests. */
  get loads(): readonly number[] {
    return this.#isolates.handles.map((handle) => handle.load);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#sizes[Symbol.dispose]();
    await this.processes.stop(drainMs);
    clearInterval(this.#watch);
    const closed = new WeftError("POOL_CLOSED", "the runtime is stopping");
    await this.services[Symbol.asyncDispose]();
    this.#queues.rejectAll(closed);
    await this.#isolates[Symbol.asyncDispose]();
    for (const handle of this.#isolates.handles) handle.fail(closed);
  }

  /** Tells a new isolate everything that is placed. */
  #introduce(handle: IsolateHandle): void {
    this.#asked.set(handle, new PassingMap());
    handle.link.send({ type: "security", settings: this.#security });
    for (const placed of this.#placed.values()) handle.link.send(placeMessage(placed));
    handle.link.send({ type: "generation", generation: this.#generation });
  }

  #runAnywhere(placed: Placed, args: readonly Value[], context: CallContext): Promise<Value> {
    const handle = this.#isolates.leastLoaded(this.#isolates.ofClass(commonClass));
    if (handle === undefined) return Promise.reject(new WeftError("POOL_CLOSED", "the runtime has no isolates"));
    return this.#run(handle, placed, { ...functionRun(placed, args, context), slot: -1 });
  }

  #runOn(isolate: number, placed: Placed, args: readonly Value[], context: CallContext): Promise<Value> {
    const handle = this.#isolates.at(isolate);
    if (handle === undefined) return this.#runAnywhere(placed, args, context);
    const micros = this.#slots.micros(placed.row);
    return this.#run(handle, placed, { ...functionRun(placed, args, context), micros });
  }

  /** Runs a call; one that its isolate never began goes through the door again. */
  #run(handle: IsolateHandle, placed: Placed, run: Run): Promise<Value> {
    return handle.run(run, () => this.#runAgain(placed, run));
  }

  async #runAgain(placed: Placed, run: Run): Promise<Value> {
    // Removed meanwhile: nobody would give it a slot.
    if (!this.#placed.has(run.id)) throw this.#unknown(run.id);
    if (placed.row < 0) return await this.#runAnywhere(placed, run.args, run.context);
    const isolate = this.#queues.acquire(placed.row);
    if (isolate !== undefined) return await this.#runOn(isolate, placed, run.args, run.context);
    return await this.#queues.wait(placed, { id: run.id, args: run.args, checked: true, context: run.context });
  }

  async #callOther(request: CallRequest): Promise<Value> {
    const id = requireFullId(request.id);
    const placement = this.#placed.get(id)?.placement;
    if (placement === undefined) throw this.#unknown(id);
    const host = hostForCalls(placement);
    const exec = (attempt: CallRequest) => this.processes.exec({ ...attempt, host, monitor: false });
    return await callWithOptions(placement.options, request, exec);
  }

  #unknown(id: EntryId): WeftError {
    return unknownEntry(id, this.#placed.keys(), this.#failed);
  }

  #receive(handle: IsolateHandle, message: FromIsolate): void {
    switch (message.type) {
      case "result":
      case "failure":
        return handle.settle(message);
      case "ask":
        return this.#asking(handle, message.request, message.question);
      case "cancel-ask":
        return this.#asked.get(handle)?.get(message.request)?.cancel(decodeError(message.error));
      case "unsubscribe":
        return this.#subscriptions.end(handle, message.request);
      case "letter":
        return void this.processes.correspondents.deliver(message.pid, message.letter);
      case "gone":
        return this.processes.functionEnded(message.pid, message.result);
      case "unheard":
        return this.processes.unheard(message.pid);
      case "denied":
        return auditDenial(this.#options.log, message.denial);
      case "slot-free":
        return this.#queues.drain(message.index);
      case "log":
        return this.#options.log[message.level](message.message, message.fields);
      case "ready":
      case "pong":
        return this.#isolates.heard(handle, message);
    }
  }

  #asking(handle: IsolateHandle, request: number, question: Question): void {
    const cancellation = new Cancellation();
    this.#asked.get(handle)?.set(request, cancellation);
    const answer =
      question.ask === "subscribe"
        ? this.#subscriptions.begin(handle, request, (hear) => this.services.subscribe(question.request, hear))
        : this.#answer(question, cancellation);
    answer.then(
      (answer) => this.#answered(handle, { type: "answer", request, answer }),
      (error: unknown) => this.#answered(handle, { type: "refusal", request, error: encodeError(error) }),
    );
  }

  #answered(handle: IsolateHandle, message: Parameters<IsolateHandle["link"]["send"]>[0] & { request: number }): void {
    if (this.#asked.get(handle)?.delete(message.request)) handle.link.send(message);
  }

  async #answer(question: Exclude<Question, { ask: "subscribe" }>, cancellation: Cancellation): Promise<Answer> {
    switch (question.ask) {
      case "registry.get":
        return { is: "entries", entries: [await this.#options.registry.get(question.id)] };
      case "registry.find":
        return { is: "entries", entries: await this.#options.registry.find(question.filter) };
      case "service":
        return { is: "value", value: await this.services.ask(question.request) };
      case "stdin":
        return { is: "bytes", bytes: await this.#options.readStdin(question.limit) };
      case "process":
        return { is: "value", value: this.processes.request(question.request) };
    }
    const context = decodeContext(question.context, cancellation);
    switch (question.ask) {
      case "spawn":
        return { is: "pid", pid: this.processes.spawn({ ...question, ...question.wants, context }) };
      case "exec":
        return { is: "value", value: await this.processes.exec({ ...question, ...question.wants, context }) };
      case "queue":
      case "call": {
        const { id, args, checked, overrides } = question;
        const request: CallRequest = { id, args, checked, context, ...(overrides === undefined ? {} : { overrides }) };
        const placed = this.#placed.get(id);
        const waits = question.ask === "queue" && placed !== undefined;
        return {
          is: "value",
          value: await (waits ? this.#queues.wait(placed, request) : this.#dispatcher.call(request)),
        };
      }
    }
  }

  #lost(handle: IsolateHandle, loss: IsolateLoss): void {
    this.#slots.clearIsolate(handle.number, this.#rows.count);
    forgetMemories(this.#shared.memories, handle.number);
    const asked = this.#asked.get(handle);
    this.#asked.delete(handle);
    this.#subscriptions.endAll(handle);
    this.processes.isolateLost(handle.number, lossError(loss, 0));
    for (const cancellation of asked?.values() ?? []) {
      cancellation.cancel(new WeftError("CALL_CANCELED", loss.overrun?.message ?? "the caller's isolate ended"));
    }
    this.#queues.drainAll();
  }

  #endOverruns(): void {
    this.#held.look();
    this.#isolates.cutOverdue(watchIntervalMs);
    for (const { isolate, root, index } of findOverruns(this.#shared, watchGraceMs)) {
      if (this.#isolates.isBeingCut(isolate)) continue;
      const entry = [...this.#placed.values()].find((placed) => placed.index === index)?.placement;
      this.#isolates.end(isolate, { overrun: { root, message: overrunMessage(entry) } });
    }
  }
}
