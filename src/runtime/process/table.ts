import { Cancellation, canceled } from "../../core/cancellation.ts";
import { childContext, rootContext, type CallContext } from "../../core/context.ts";
import { encodeError, toWeftError, WeftError } from "../../core/errors.ts";
import type { EntryId } from "../../core/ids.ts";
import type { Log } from "../../core/log.ts";
import type { Value } from "../../core/values.ts";
import type { Letter, Pid, ProcessEvent, ProcessRequest, SpawnRequest } from "../../hosts/ports.ts";
import type { Placement } from "../../registry/placement.ts";
import type { Correspondent, CorrespondentEars, SpawnedProcess } from "../../registry/service.ts";
import { NotStarted, type IsolateHandle, type Run } from "../control/handle.ts";
import { maxMailbox, type ProcessCells } from "./cells.ts";
import { Correspondents } from "./correspondents.ts";
import { ProcessHosts } from "./hosts.ts";
import { Outbox } from "./outbox.ts";
import { supervisedValue } from "./outcome.ts";
import { parsePid, processPid } from "./pid.ts";
import { notFound } from "./problems.ts";
import { Relations } from "./relations.ts";
import { PassingMap } from "../../core/passing.ts";

/** What the table needs of the control plane around it. */
export interface ProcessParts {
  find(id: EntryId): Placement | undefined;
  unknown(id: EntryId): WeftError;
  /** The isolate for the next process. */
  seat(wanted: SeatWanted): IsolateHandle | undefined;
  seatAt(isolate: number): IsolateHandle | undefined;
  readonly cells: ProcessCells;
  /** Has a process cut off, should it be spinning. */
  cut(isolate: number, process: number): void;
  /** Whether an isolate is inside of one process for so long that it does nothing else. */
  isHeld(isolate: number): boolean;
  readonly log: Log;
}

/** Where a process may run. */
export interface SeatWanted {
  /** It may compute for long. */
  readonly mayHold: boolean;
  /** The isolate of its spawner, who shall be able to end it: another one, if there is one. */
  readonly avoided: number | undefined;
  /** Of the isolates for such processes, those that its host uses. */
  readonly within: (isolates: readonly number[]) => readonly number[];
}

interface Process {
  readonly pid: Pid;
  readonly number: number;
  readonly id: EntryId;
  readonly host: EntryId;
  readonly cancellation: Cancellation;
  readonly result: Promise<Value>;
  /** The call tree that it is the root of, or part of when somebody waits for its result. */
  readonly root: number;
}

/** How long one that hears of its caller's end has for its own, in milliseconds: as a service has by default. */
const execGraceMs = 10_000;
/** Whether one that shall end is inside of a long computation is looked up after this time, in milliseconds. */
const unheardAfterMs = 250;

/** The processes of this node: who runs, where, who is related to whom, and who wants to know when one ends. */
export class ProcessTable {
  readonly #parts: ProcessParts;
  /** The places where processes run. */
  readonly hosts = new ProcessHosts();
  /** Those with a pid who are no programs. */
  readonly correspondents: Correspondents;
  readonly #outbox: Outbox;
  readonly #processes = new PassingMap<Pid, Process>();
  readonly #relations = new Relations();
  #isClosing = false;

  constructor(parts: ProcessParts) {
    this.#parts = parts;
    this.correspondents = new Correspondents(parts.cells);
    this.#outbox = new Outbox(parts, this.correspondents);
  }

  /** Starts a process and returns its address. @throws WeftError when the entry or the host does not fit. */
  spawn(request: SpawnRequest): Pid {
    const holder = request.name === undefined ? undefined : this.#relations.lookup(request.name);
    if (holder !== undefined) {
      for (const letter of request.letters ?? []) this.#outbox.post(holder, letter);
      return holder;
    }
    return this.#start(request, detached(request.context)).pid;
  }

  /** Starts a process for the runtime itself, which hears of its end. @throws WeftError. */
  spawnSupervised(request: Omit<SpawnRequest, "monitor">): SpawnedProcess {
    const started = this.#start({ ...request, monitor: false }, detached(request.context));
    const { pid, root } = started;
    const placement = this.#parts.find(request.id);
    return {
      pid,
      root,
      ended: started.result.then((value) => supervisedValue(request.id, value, placement)),
      cancel: (reason) => this.#outbox.tell(pid, { kind: "pid.cancel", from: "", at: now(), reason }),
      terminate: () => this.#end(started, canceled("process terminated")),
    };
  }

  /**
   * Starts a process and waits for its result. A caller that gives up has it asked to end, and ended after a while, or at
   * once if it does not hear.
   */
  async exec(request: SpawnRequest, graceMs = execGraceMs): Promise<Value> {
    const { context } = request;
    context.cancellation.throwIfCanceled();
    const started = this.#start(request, childContext(context, { cancellation: new Cancellation() }));
    using _watch = context.cancellation.onCancel(({ message }) => this.#askToEnd(started, message, graceMs));
    return await started.result;
  }

  /** Gives a pid to somebody who is no program. @throws WeftError `HOST_BUSY`, `POOL_CLOSED`. */
  correspond(host: EntryId, ears: CorrespondentEars): Correspondent {
    if (this.#isClosing) throw new WeftError("POOL_CLOSED", "the runtime is stopping");
    const pid = this.correspondents.open(host, ears);
    return {
      pid,
      send: (to, topic, payload) =>
        this.#outbox.post(this.#resolve(to), { topic, from: pid, payloads: payload === undefined ? [] : [payload] }),
      waiting: (to) => this.#parts.cells.waiting(parsePid(this.#resolve(to))?.process ?? 0),
      monitor: (to) => this.#relations.monitor(pid, this.#observe(to)),
      unmonitor: (to) => this.#relations.unmonitor(pid, this.#resolve(to)),
      end: (error) => {
        if (!this.correspondents.close(pid)) return;
        this.#bereave(pid, pid, error === undefined ? { value: null } : { error: encodeError(error) });
      },
    };
  }

  /** Asks every process to end, and ends those that have not after a while. None starts from now on. */
  async stop(graceMs: number): Promise<void> {
    this.#isClosing = true;
    const running = [...this.#processes.values()];
    for (const each of running) {
      if (this.#isHeld(each)) this.#end(each, terminated());
      else this.#askToEnd(each, "the runtime is stopping", graceMs);
    }
    await Promise.allSettled(running.map(({ result }) => result));
  }

  /** Does what one process asks about another. @throws WeftError `PROCESS_NOT_FOUND`, `NAME_TAKEN`, … */
  request(request: ProcessRequest): Value {
    switch (request.do) {
      case "monitor":
        this.#relations.monitor(request.from, this.#observe(request.to));
        return null;
      case "unmonitor":
        this.#relations.unmonitor(request.from, this.#resolve(request.to));
        return null;
      case "link":
        this.#relations.link(request.from, this.#observe(request.to));
        return null;
      case "unlink":
        this.#relations.unlink(request.from, this.#resolve(request.to));
        return null;
      case "cancel":
        this.#cancel(request);
        return null;
      case "terminate":
        this.terminate(request.to);
        return null;
      case "trap-links":
        this.#relations.setTrapping(request.from, request.on);
        return null;
      case "options":
        return { trap_links: this.#relations.isTrapping(request.from) };
      case "register":
        this.#relations.register(request.name, this.#observe(request.pid));
        return null;
      case "unregister":
        return this.#relations.unregister(request.name);
      case "lookup":
        return this.#lookup(request.name);
      case "send":
        this.#outbox.post(this.#resolve(request.to), request.letter);
        return null;
    }
  }

  /** Ends a process at once. @throws WeftError `PROCESS_NOT_FOUND`. */
  terminate(dest: string): void {
    // One that is no program ends itself when it hears of it.
    if (this.correspondents.terminate(this.#resolve(dest), now())) return;
    this.#end(this.#find(dest), terminated());
  }

  /** A function's execution that others may know of has ended; `result` is how, if anybody asked. */
  functionEnded(pid: Pid, result: Ending = { error: encodeError(notFound(pid)) }): void {
    this.#bereave(pid, `function ${pid}`, result);
  }

  /** Says in the log that a process computes for long, if others wait for it. */
  tellHolding(number: number): void {
    const running = [...this.#processes.values()];
    const holding = running.find((each) => each.number === number);
    if (holding === undefined) return;
    const { pid, id } = holding;
    const isolate = parsePid(pid)?.isolate;
    const waiting = running.filter((each) => parsePid(each.pid)?.isolate === isolate).length - 1;
    if (waiting > 0) this.#parts.log.warn("a process computes, and others of its isolate wait", { id, pid, waiting });
  }

  /** Nobody hears that a process shall end. */
  unheard(pid: Pid): void {
    const process = this.#processes.get(pid);
    if (process !== undefined) this.#end(process, terminated());
  }

  /** An isolate ended, and with it the functions that ran there; its processes' results tell for themselves. */
  isolateLost(isolate: number, error: WeftError): void {
    for (const pid of this.#relations.known()) {
      const address = parsePid(pid);
      if (address?.isolate !== isolate || address.process !== undefined) continue;
      this.functionEnded(pid, { error: encodeError(error) });
    }
  }

  get running(): readonly { readonly pid: Pid; readonly id: EntryId; readonly host: EntryId }[] {
    return [...this.#processes.values()].map(({ pid, id, host }) => ({ pid, id, host }));
  }

  #start(request: SpawnRequest, context: CallContext): Process {
    const { id, host } = request;
    if (this.#isClosing) throw new WeftError("POOL_CLOSED", "the runtime is stopping");
    const placement = this.#parts.find(id);
    if (placement === undefined) throw this.#parts.unknown(id);
    if (placement.role === "library")
      throw new WeftError("NOT_CALLABLE", `${id} is a ${placement.kind}, not a process`);
    const spec = this.hosts.admit(host);
    // A WebAssembly guest that computes holds its isolate; Lua gives others their turn.
    const seat = this.#parts.seat({
      mayHold: placement.program.type !== "lua",
      avoided: parsePid(request.context.pid)?.isolate,
      within: (isolates) => this.hosts.isolatesOf(host, isolates),
    });
    const number = seat === undefined ? undefined : this.#parts.cells.claim(spec.mailbox ?? maxMailbox);
    if (seat === undefined) throw new WeftError("POOL_CLOSED", "the runtime has no isolates");
    if (number === undefined) throw new WeftError("HOST_BUSY", "the runtime has no room for more processes");
    const pid = processPid(host, seat.number, number);
    const { cancellation, root } = context;
    const run = {
      id,
      args: request.args,
      checked: false,
      context: { ...context, pid },
      slot: -1,
      generation: 0,
      process: { pid, terminal: spec.type === "terminal" },
    };
    const { promise: result, resolve } = Promise.withResolvers<Value>();
    const started: Process = { pid, number, id, host, cancellation, result, root };
    this.#processes.set(pid, started);
    this.hosts.started(host);
    // Known before it runs: in the calling thread it does so at once.
    resolve(this.#supervise(seat, run, request.letters ?? []));
    this.#relate(started, request);
    result.then(
      (value) => this.#ended(started, { value }),
      (error: unknown) => this.#ended(started, { error: encodeError(toWeftError(error)) }),
    );
    return started;
  }

  #relate({ pid }: Process, { context, monitor, link, name, letters, trapLinks }: SpawnRequest): void {
    if (monitor) this.#relations.monitor(context.pid, pid);
    if (link === true) this.#relations.link(context.pid, pid);
    if (trapLinks === true) this.#relations.setTrapping(pid, true);
    if (name !== undefined) this.#relations.register(name, pid);
    for (const letter of letters ?? []) this.#outbox.post(pid, letter);
  }

  /** A process that its isolate never began starts again where it was, on the thread that replaces the isolate's. */
  async #supervise(seat: IsolateHandle, run: Run, letters: readonly Letter[]): Promise<Value> {
    try {
      return await seat.run(run);
    } catch (error) {
      const next = this.#parts.seatAt(seat.number);
      if (!(error instanceof NotStarted) || next === undefined || next === seat) throw error;
      const again = this.#supervise(next, run, letters);
      for (const letter of letters) this.#outbox.postAgain(run.context.pid, letter);
      return await again;
    }
  }

  #cancel({ from, to, reason, deadlineMs }: Extract<ProcessRequest, { do: "cancel" }>): void {
    const event = { kind: "pid.cancel", from, at: now(), ...(reason === undefined ? {} : { reason }) } as const;
    const pid = this.#resolve(to);
    if (this.correspondents.tell(pid, event)) return;
    // A function hears of it, too; only processes can be ended from outside.
    if (isFunction(pid) && deadlineMs === undefined) return this.#outbox.tell(pid, event);
    const target = this.#find(pid);
    this.#outbox.tell(pid, event);
    if (deadlineMs !== undefined) this.#endAfter(target, deadlineMs);
  }

  #askToEnd(target: Process, reason: string, graceMs: number): void {
    const event = { kind: "pid.cancel", from: "", at: now(), reason } as const;
    this.#outbox.tell(target.pid, event, { orUnheard: true });
    this.#endAfter(target, graceMs);
    // One that computes neither hears nor says that it does not.
    this.#endAfter(target, Math.min(graceMs, unheardAfterMs), () => this.#isHeld(target));
  }

  #endAfter(target: Process, ms: number, applies = (): boolean => true): void {
    const timer = setTimeout(() => {
      if (applies()) this.#end(target, terminated());
    }, ms);
    target.result.then(
      () => clearTimeout(timer),
      () => clearTimeout(timer),
    );
  }

  #isHeld({ pid }: Process): boolean {
    const isolate = parsePid(pid)?.isolate;
    return isolate !== undefined && this.#parts.isHeld(isolate);
  }

  #ended(ended: Process, result: Ending): void {
    this.#processes.delete(ended.pid);
    this.hosts.ended(ended.host);
    this.#parts.cells.release(ended.number);
    this.#bereave(ended.pid, `${ended.pid} (${ended.id})`, result);
  }

  /** Tells everybody who wants to know that somebody ended. */
  #bereave(pid: Pid, what: string, result: Ending): void {
    const { watchers, linked } = this.#relations.end(pid);
    for (const watcher of watchers) this.#outbox.tell(watcher, { kind: "pid.exit", from: pid, at: now(), result });
    if (result.error === undefined) return;
    for (const other of linked) this.#linkDown(other, { pid, what }, result);
  }

  /** Somebody linked failed: whoever does not trap that fails, too. A function's execution only hears of it. */
  #linkDown(pid: Pid, failed: { readonly pid: Pid; readonly what: string }, result: Ending): void {
    const other = this.#processes.get(pid);
    if (other === undefined || this.#relations.isTrapping(pid)) {
      this.#outbox.tell(pid, { kind: "pid.link.down", from: failed.pid, at: now(), result });
      return;
    }
    const message = `linked process failed: ${failed.what}`;
    this.#end(other, new WeftError("LINKED_PROCESS_FAILED", message, { details: { pid: failed.pid } }));
  }

  /** Ends a process: it hears of it where it waits, and is cut off where it spins. */
  #end({ pid, number, cancellation }: Process, reason: WeftError): void {
    cancellation.cancel(reason);
    const isolate = parsePid(pid)?.isolate;
    if (isolate !== undefined) this.#parts.cut(isolate, number);
  }

  /** One whose end is to be told: a process, or a function that says so itself. @throws WeftError `PROCESS_NOT_FOUND`. */
  #observe(dest: string): Pid {
    const pid = this.#resolve(dest);
    if (this.correspondents.has(pid) || (isFunction(pid) && this.#outbox.watch(pid))) return pid;
    return this.#find(dest).pid;
  }

  /** The process that a pid or a name stands for. @throws WeftError `PROCESS_NOT_FOUND`. */
  #find(dest: string): Process {
    const found = this.#processes.get(this.#resolve(dest));
    if (found === undefined) throw notFound(dest);
    return found;
  }

  #resolve(dest: string): Pid {
    return parsePid(dest) === undefined ? (this.#relations.lookup(dest) ?? dest) : dest;
  }

  #lookup(name: string): Pid {
    const pid = this.#relations.lookup(name);
    if (pid === undefined) throw new WeftError("NAME_NOT_FOUND", `name not registered: ${name}`, { details: { name } });
    return pid;
  }
}

type Ending = NonNullable<ProcessEvent["result"]>;

/** What a process has of its spawner that does not wait for it: who it is and what it may, but not its time. */
function detached({ actor, scope, values, trace, pid }: CallContext): CallContext {
  return rootContext({ actor, scope, values, trace, pid });
}

function terminated(): WeftError {
  return canceled("process terminated");
}

function isFunction(pid: Pid): boolean {
  const address = parsePid(pid);
  return address !== undefined && address.process === undefined;
}

function now(): number {
  return Math.floor(Date.now() / 1_000);
}
