import assert from "node:assert/strict";
import type { MessagePort } from "node:worker_threads";
import { canceled } from "../../core/cancellation.ts";
import { monotonicMs } from "../../core/clock.ts";
import { collectGarbage } from "../../core/collect.ts";
import { decodeContext } from "../../core/context.ts";
import { WeftError } from "../../core/errors.ts";
import type { EntryId } from "../../core/ids.ts";
import type { Value } from "../../core/values.ts";
import type { InterpreterName } from "../../engine/lua/state/interpreter.seam.ts";
import type { Placement } from "../../registry/placement.ts";
import { createDispatcher } from "../dispatcher.ts";
import type { Link } from "../link.ts";
import { RunningGuests } from "../overrun.ts";
import { Placed } from "../placed.ts";
import type { FromIsolate, ProcessRun, RunMessage, SharedTables, ToIsolate } from "../protocol.ts";
import { SlotTable } from "../slots.ts";
import { answering } from "./answering.ts";
import { createExecutor, type Execution } from "./executor.ts";
import { threadGuard, type Killable } from "./guard/guard.ts";
import { Lane } from "./guard/lane.ts";
import { IncomingCalls, type RunIncoming } from "./incoming.ts";
import { KillCell } from "../kill-cells.ts";
import { parsePid, processOf } from "../process/pid.ts";
import { ProcessCells } from "../process/cells.ts";
import { Gate } from "../../hosts/security/gate.ts";
import { Policies } from "../../hosts/security/policies.ts";
import { Mail } from "./mail.ts";
import { Upgrade, type Pid, type ServicePort } from "../../hosts/ports.ts";
import { Peers } from "./peers.ts";
import { createPost } from "./post.ts";
import { createPorts } from "./ports.ts";
import type { ProgramType, RunProgram } from "./program.ts";
import { commandWords } from "./programs/command.ts";
import { programTypes } from "./programs/index.ts";
import { terminalStdio } from "./stdio.ts";
import { Uplink } from "./uplink.ts";

/** What an isolate is made of: its number, the memory it shares, and its line to the control plane. */
export interface IsolateOptions {
  readonly isolate: number;
  readonly shared: SharedTables;
  readonly link: Link<FromIsolate>;
  /** The thread is the isolate's own: it may be used when nothing else is to be done. */
  readonly ownThread: boolean;
}

/** What a call that arrives is run with; it is at the bottom of its turn unless it had to wait for its entry. */
type IncomingRun = Parameters<RunIncoming>[1] & Required<Pick<Execution, "atBottom">>;

/** A boot has other things to do in its first moments, in milliseconds. */
const warmUpAfterMs = 150;

/** The composition root of a thread: compiled programs, instances, and the same dispatcher as everywhere. */
export class Isolate {
  readonly #placed = new Map<EntryId, Placed>();
  readonly #linked = new Map<EntryId, RunProgram>();
  /** The latest generation that arrived here, and calls that wait for a later one, which others know of already. */
  #generation = 0;
  #early: { readonly generation: number; resolve(): void }[] = [];
  readonly #programs: Partial<Record<string, ProgramType>> = {};
  readonly #slots: SlotTable;
  readonly #number: number;
  readonly #luaEngine: InterpreterName;
  readonly #uplink: Uplink;
  readonly #policies = new Policies();
  readonly #mail: Mail;
  readonly #killCell: KillCell;
  readonly #cells: ProcessCells;
  readonly #mayWarmUp: boolean;
  #isWarmed = false;
  /** Calls have come: they warm up what they need. */
  #isBusy = false;
  readonly #running: RunningGuests;
  /** Where the thread is the isolate's own. */
  readonly #lane: Lane | undefined;
  readonly #incoming: IncomingCalls;
  readonly #peers: Peers;
  readonly #execute: (execution: Execution) => Value | Promise<Value>;
  readonly #services: ServicePort;

  constructor(options: IsolateOptions) {
    const { isolate, shared, link, ownThread } = options;
    this.#mayWarmUp = ownThread;
    this.#number = isolate;
    this.#luaEngine = shared.luaEngine;
    this.#slots = new SlotTable(shared);
    this.#uplink = new Uplink(link);
    this.#cells = new ProcessCells(shared);
    this.#mail = new Mail(this.#cells);
    this.#killCell = new KillCell(shared, isolate);
    if (ownThread) {
      threadGuard().watchedBy(this.#killCell);
      this.#lane = new Lane(threadGuard());
    }
    this.#running = new RunningGuests(shared, { isolate, guarded: threadGuard().available });
    this.#incoming = new IncomingCalls(
      (message, own) => this.#run(message, own),
      (message) => link.send(message),
    );
    this.#peers = new Peers({
      run: (message, own) => this.#run(message, own),
      deliver: ({ pid, letter }) => this.#mail.deliverLetter(pid, letter),
    });
    const others = Array.from({ length: shared.isolates }, (_, other) => other).filter((other) => other !== isolate);
    const security = new Gate(this.#policies, (denial) => this.#uplink.send({ type: "denied", denial }));
    const dispatcher = createDispatcher({
      authorize: (id, context) => {
        assert(!threadGuard().isInside(), `${id} is called from inside of a guest that may be cut with the call`);
        security.checkEntry("funcs.call", id, context);
      },
      find: (id) => this.#placed.get(id),
      acquireHere: (row) => this.#slots.acquire(row, isolate),
      releaseHere: (row) => this.#release(row),
      acquireElsewhere: (row) => this.#slots.acquireAny(row, others),
      execute: (placed, args, context, straight) =>
        this.#execute({ placed, args, context, ...(straight && { straight }) }),
      executeElsewhere: (peer, placed, args, context) => this.#peers.call(peer, placed, args, context),
      queue: (_placed, request) => this.#uplink.askCall("queue", request),
      callOther: (request) => this.#uplink.askCall("call", request),
    });
    const ports = createPorts({
      dispatcher,
      uplink: this.#uplink,
      mail: this.#mail,
      security,
      send: createPost({
        isolate,
        mail: this.#mail,
        cells: this.#cells,
        uplink: this.#uplink,
        peers: () => this.#peers,
      }),
    });
    this.#services = ports.services;
    this.#execute = createExecutor({
      isolate,
      ports,
      mail: this.#mail,
      running: this.#running,
      guard: threadGuard(),
      runner: (placed) => this.#runner(placed.placement.id),
      gone: (pid, result) => this.#uplink.send({ type: "gone", pid, ...(result && { result }) }),
    });
  }

  /** Takes a message of the control plane. */
  receive(message: ToIsolate): void {
    switch (message.type) {
      case "run":
        this.#running.countStarted();
        return this.#incoming.run(message);
      case "cancel":
        return this.#incoming.cancel(message);
      case "place":
        this.#place(message.placement.id, new Placed(message.placement, message));
        return this.#reach(message.generation);
      case "remove":
        return this.#place(message.id, undefined);
      case "generation":
        return this.#reach(message.generation);
      case "security":
        return this.#policies.replace(message.settings);
      case "peer":
        return this.connect(message.isolate, message.port);
      case "peer-lost":
        return this.#peers.disconnect(message.isolate, message.loss);
      case "answer":
        return this.#uplink.answer(message.request, message.answer);
      case "refusal":
        return this.#uplink.refuse(message.request, message.error);
      case "event":
        if (!this.#mail.deliverEvent(message.pid, message.event) && message.orUnheard)
          this.#uplink.send({ type: "unheard", pid: message.pid });
        return undefined;
      case "watch":
        if (!this.#mail.watch(message.pid)) this.#uplink.send({ type: "gone", pid: message.pid });
        return undefined;
      case "letter":
        return this.#mail.deliverLetter(message.pid, message.letter);
      case "heard":
        return this.#uplink.heard(message.request, message.value);
      case "collect":
        return collectGarbage(message);
      case "cut":
        // The turn has begun by now, which is all that is wanted.
        return undefined;
      case "ping":
        return this.#uplink.send({ type: "pong" });
    }
  }

  /** Opens a direct line to another isolate. */
  connect(isolate: number, port: MessagePort): void {
    this.#peers.connect(isolate, port);
  }

  /** Ends programs and cuts the lines to other isolates, so that the thread can end. */
  dispose(): void {
    this.#lane?.[Symbol.dispose]();
    for (const run of this.#linked.values()) run.retire?.();
    for (const programs of Object.values(this.#programs)) programs?.dispose?.();
    for (let isolate = 0; isolate < this.#slots.isolates; isolate += 1) this.#peers.disconnect(isolate);
  }

  #place(id: EntryId, placed: Placed | undefined): void {
    this.#linked.get(id)?.retire?.();
    this.#linked.delete(id);
    this.#lane?.forget(id);
    for (const programs of Object.values(this.#programs)) programs?.forget(id);
    if (placed === undefined) this.#placed.delete(id);
    else this.#placed.set(id, placed);
    if (placed?.placement.program.type === "lua") this.#warmUpLater();
  }

  #reach(generation: number): void {
    this.#generation = Math.max(this.#generation, generation);
    if (this.#early.length === 0) return;
    for (const early of this.#early) if (early.generation <= this.#generation) early.resolve();
    this.#early = this.#early.filter((early) => early.generation > this.#generation);
  }

  /** Links a program the first time it runs here. */
  #runner(id: EntryId): RunProgram {
    const linked = this.#linked.get(id);
    if (linked !== undefined) return linked;
    const { placement } = this.#require(id);
    const run = this.#programsOf(placement.program.type).link(placement);
    this.#linked.set(id, run);
    return run;
  }

  #programsOf(type: Placement["program"]["type"]): ProgramType {
    return (this.#programs[type] ??= programTypes[type]({
      find: (other) => this.#placed.get(other)?.placement,
      guard: threadGuard(),
      killable: (pid) => this.#killable(pid),
      luaEngine: this.#luaEngine,
    }));
  }

  /** An app with Lua has its interpreter warmed up, once the boot's own work is done and unless calls come first. */
  #warmUpLater(): void {
    if (this.#isWarmed || !this.#mayWarmUp) return;
    this.#isWarmed = true;
    setTimeout(() => {
      if (!this.#isBusy) this.#programsOf("lua").warmUp?.(() => this.#isBusy);
    }, warmUpAfterMs).unref();
  }

  #killable(pid: Pid): Killable | undefined {
    const process = processOf(pid);
    return process === undefined ? undefined : { cell: this.#killCell, process };
  }

  #require(id: EntryId): Placed {
    const placed = this.#placed.get(id);
    if (placed === undefined) throw new WeftError("ENTRY_NOT_FOUND", `not found: there is no entry ${id}`);
    return placed;
  }

  /** Runs a call from another thread; the slot that was taken for it is given back when it ends. */
  #run(message: RunMessage, own: Parameters<RunIncoming>[1]): Value | Promise<Value> {
    const { generation } = message;
    if (generation <= this.#generation) return this.#runInTurn(message, { ...own, atBottom: true });
    // Another isolate was told of the entry first: the control plane's word is still on its way.
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#early.push({ generation, resolve });
    return promise.then(() => this.#runPlaced(message, { ...own, atBottom: false }));
  }

  /** At once, unless it is a call of an entry that was cut lately, or is slow. */
  #runInTurn(message: RunMessage, own: IncomingRun): Value | Promise<Value> {
    const lane = message.process === undefined ? this.#lane : undefined;
    if (lane?.takes(message.id) === true) return lane.wait(message.id, () => this.#runPlaced(message, own));
    return this.#runPlaced(message, own);
  }

  #runPlaced(message: RunMessage, own: IncomingRun): Value | Promise<Value> {
    const cuts = this.#lane?.cuts ?? 0;
    const started = monotonicMs();
    const result = threadGuard().turns.protect<Value | Promise<Value>>(
      () => this.#runHere(message, own),
      (error) => {
        this.#lane?.note(message.id, cuts, monotonicMs() - started);
        this.#release(message.slot);
        throw error;
      },
    );
    const ms = monotonicMs() - started;
    this.#lane?.note(message.id, cuts, ms);
    if (message.slot >= 0) this.#slots.noteMicros(message.slot, ms * 1_000);
    if (result instanceof Promise) return result.finally(() => this.#release(message.slot));
    this.#release(message.slot);
    return result;
  }

  #runHere(message: RunMessage, { cancellation, report, atBottom }: IncomingRun): Value | Promise<Value> {
    this.#isBusy = true;
    cancellation.throwIfCanceled();
    const placed = this.#require(message.id);
    const context = decodeContext(message.context, cancellation, report);
    const isChecked = message.checked && message.generation === placed.generation;
    const words = message.process && commandWords(placed.placement, message.args);
    const args = words === undefined ? placed.acceptArguments(message.args, isChecked, context.request) : [];
    if (message.process !== undefined) {
      const typed = message.process.terminal ? message.args.map(String) : [];
      return this.#runProcess(message.process, { placed, args, context, words: words ?? typed });
    }
    const { request } = context;
    if (request === undefined) return this.#execute({ placed, args, context, atBottom });
    const parts = { request, services: this.#services, placed, args };
    let isAtBottom = atBottom;
    const result = answering(parts, (exchange, read) => {
      return this.#execute({ placed, args: read, context, exchange, atBottom: isAtBottom });
    });
    // What has to wait for the request's body runs in another turn.
    isAtBottom = false;
    return result;
  }

  /** Runs a process to its end, through all its upgrades. */
  async #runProcess({ pid, terminal }: ProcessRun, first: Execution): Promise<Value> {
    const { context, words = [] } = first;
    const stdio = terminal ? terminalStdio((limit) => this.#uplink.readStdin(limit)) : undefined;
    // Ended before it began: its end stands behind its start in the queue.
    const number = parsePid(pid)?.process;
    if (number !== undefined && !this.#cells.isAlive(number)) throw canceled("process terminated");
    this.#mail.open(pid);
    try {
      for (let { placed, args } = first; ;) {
        try {
          return await this.#execute({ placed, args, context, pid, words, ...(stdio && { stdio }) });
        } catch (ended) {
          if (!(ended instanceof Upgrade)) throw ended;
          placed = this.#require(ended.id);
          args = placed.acceptArguments(ended.args, false);
        }
      }
    } finally {
      this.#mail.close(pid);
    }
  }

  #release(slot: number): void {
    if (slot >= 0 && this.#slots.release(slot, this.#number)) this.#uplink.send({ type: "slot-free", index: slot });
  }
}
