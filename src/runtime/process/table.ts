import { Cancellation, canceled } from "../../core/cancellation.ts";
import { childContext } from "../../core/context.ts";
import { encodeError, toWeftError, WeftError } from "../../core/errors.ts";
import type { EntryId } from "../../core/ids.ts";
import type { Value } from "../../core/values.ts";
import type { Letter, Pid, ProcessEvent, ProcessRequest, SpawnRequest } from "../../hosts/ports.ts";
import type { Placement } from "../../registry/placement.ts";
import type { SpawnedProcess } from "../../registry/service.ts";
import { NotStarted, type IsolateHandle } from "../control/handle.ts";
import type { ProcessCells } from "./cells.ts";
import { mailboxFull, notFound } from "./problems.ts";
import { parsePid, processPid } from "./pid.ts";
import { Relations } from "./relations.ts";

/** A place where processes run, as its entry describes it. */
export interface HostSpec {
  readonly type: "pool" | "terminal";
  readonly maxProcesses: number;
}

/** What the table needs of the control plane around it. */
export interface ProcessParts {
  find(id: EntryId): Placement | undefined;
  unknown(id: EntryId): WeftError;
  /** The isolate for the next process: for one that may compute for long, another than `avoided`, if there is one. */
  seat(mayHold: boolean, avoided: number | undefined): IsolateHandle | undefined;
  seatAt(isolate: number): IsolateHandle | undefined;
  readonly cells: ProcessCells;
  /** Has a process cut off, should it be spinning. */
  cut(isolate: number, process: number): void;
}

interface Process {
  readonly pid: Pid;
  readonly number: number;
  readonly id: EntryId;
  readonly host: EntryId;
  readonly cancellation: Cancellation;
  readonly result: Promise<Value>;
}

/** The processes of this node: who runs, where, who is related to whom, and who wants to know when one ends. */
export class ProcessTable {
  readonly #parts: ProcessParts;
  readonly #hosts = new Map<EntryId, HostSpec>();
  readonly #processes = new Map<Pid, Process>();
  readonly #counts = new Map<EntryId, number>();
  readonly #relations = new Relations();

  constructor(parts: ProcessParts) {
    this.#parts = parts;
  }

  addHost(id: EntryId, spec: HostSpec): void {
    this.#hosts.set(id, spec);
  }

  removeHost(id: EntryId): void {
    this.#hosts.delete(id);
  }

  /** Starts a process and returns its address. @throws WeftError when the entry or the host does not fit. */
  spawn(request: SpawnRequest): Pid {
    const holder = request.name === undefined ? undefined : this.#relations.lookup(request.name);
    if (holder !== undefined) {
      for (const letter of request.letters ?? []) this.#post(holder, letter);
      return holder;
    }
    return this.#start(request, new Cancellation()).pid;
  }

  /** Starts a process for the runtime itself, which hears of its end. @throws WeftError. */
  spawnSupervised(request: Omit<SpawnRequest, "monitor">): SpawnedProcess {
    const started = this.#start({ ...request, monitor: false }, new Cancellation());
    const { pid } = started;
    return {
      pid,
      ended: started.result,
      cancel: (reason) => this.#tell(pid, { kind: "pid.cancel", from: "", at: now(), reason }),
      terminate: () => this.#end(started, canceled("process terminated")),
    };
  }

  /** Starts a process and waits for its result; the caller's cancellation ends it. */
  async exec(request: SpawnRequest): Promise<Value> {
    return await this.#start(request, request.context.cancellation).result;
  }

  /** Does what one process asks about another. @throws WeftError `PROCESS_NOT_FOUND`, `NAME_TAKEN`, … */
  request(request: ProcessRequest): Value {
    switch (request.do) {
      case "monitor":
        this.#relations.monitor(request.from, this.#find(request.to).pid);
        return null;
      case "unmonitor":
        this.#relations.unmonitor(request.from, this.#resolve(request.to));
        return null;
      case "link":
        this.#relations.link(request.from, this.#find(request.to).pid);
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
      case "register":
        this.#relations.register(request.name, request.pid);
        return null;
      case "unregister":
        return this.#relations.unregister(request.name);
      case "lookup":
        return this.#lookup(request.name);
      case "send":
        this.#post(this.#resolve(request.to), request.letter);
        return null;
    }
  }

  /** Ends a process at once. @throws WeftError `PROCESS_NOT_FOUND`. */
  terminate(dest: string): void {
    this.#end(this.#find(dest), canceled("process terminated"));
  }

  /** A function's execution that others may know of has ended. */
  functionEnded(pid: Pid): void {
    this.#relations.end(pid);
  }

  get running(): readonly { readonly pid: Pid; readonly id: EntryId; readonly host: EntryId }[] {
    return [...this.#processes.values()].map(({ pid, id, host }) => ({ pid, id, host }));
  }

  #start(request: SpawnRequest, cancellation: Cancellation): Process {
    const { id, host } = request;
    const placement = this.#parts.find(id);
    if (placement === undefined) throw this.#parts.unknown(id);
    if (placement.role === "library")
      throw new WeftError("NOT_CALLABLE", `${id} is a ${placement.kind}, not a process`);
    const spec = this.#admit(host);
    // A WebAssembly guest that computes holds its isolate; Lua gives others their turn. Its spawner shall be able to end it.
    const seat = this.#parts.seat(placement.program.type !== "lua", parsePid(request.context.pid)?.isolate);
    const number = seat === undefined ? undefined : this.#parts.cells.claim();
    if (seat === undefined) throw new WeftError("POOL_CLOSED", "the runtime has no isolates");
    if (number === undefined) throw new WeftError("HOST_BUSY", "the runtime has no room for more processes");
    const pid = processPid(host, seat.number, number);
    const run = {
      id,
      args: request.args,
      checked: false,
      context: { ...childContext(request.context), cancellation, pid },
      slot: -1,
      generation: 0,
      as: "process" as const,
      pid,
      terminal: spec.type === "terminal",
    };
    const result = this.#supervise(seat, run);
    const started: Process = { pid, number, id, host, cancellation, result };
    this.#processes.set(pid, started);
    this.#counts.set(host, (this.#counts.get(host) ?? 0) + 1);
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
    for (const letter of letters ?? []) this.#post(pid, letter);
  }

  /** A process that its isolate never began starts again where it was, on the thread that replaces the isolate's. */
  async #supervise(seat: IsolateHandle, run: Parameters<IsolateHandle["run"]>[0]): Promise<Value> {
    try {
      return await seat.run(run);
    } catch (error) {
      const next = this.#parts.seatAt(seat.number);
      if (!(error instanceof NotStarted) || next === undefined || next === seat) throw error;
      return await this.#supervise(next, run);
    }
  }

  #admit(host: EntryId): HostSpec {
    const spec = this.#hosts.get(host);
    if (spec === undefined) {
      const known = [...this.#hosts.keys()].join(", ") || "none";
      throw new WeftError("HOST_NOT_FOUND", `there is no process host ${host} (hosts: ${known})`);
    }
    const running = this.#counts.get(host) ?? 0;
    if (running >= spec.maxProcesses) {
      throw new WeftError("HOST_BUSY", `${host} already runs ${running} of at most ${spec.maxProcesses} processes`);
    }
    return spec;
  }

  #cancel({ from, to, reason, deadlineMs }: Extract<ProcessRequest, { do: "cancel" }>): void {
    const target = this.#find(to);
    const event = { kind: "pid.cancel", from, at: now(), ...(reason === undefined ? {} : { reason }) } as const;
    this.#tell(target.pid, event);
    if (deadlineMs === undefined) return;
    const timer = setTimeout(() => this.#end(target, canceled("process terminated")), deadlineMs);
    target.result.then(
      () => clearTimeout(timer),
      () => clearTimeout(timer),
    );
  }

  #ended(ended: Process, result: NonNullable<ProcessEvent["result"]>): void {
    this.#processes.delete(ended.pid);
    this.#counts.set(ended.host, (this.#counts.get(ended.host) ?? 1) - 1);
    this.#parts.cells.release(ended.number);
    const { watchers, linked } = this.#relations.end(ended.pid);
    for (const watcher of watchers) this.#tell(watcher, { kind: "pid.exit", from: ended.pid, at: now(), result });
    if (result.error === undefined) return;
    for (const other of linked) this.#linkDown(other, ended, result);
  }

  /** A linked process failed: whoever does not trap that fails, too. A function's execution only hears of it. */
  #linkDown(pid: Pid, failed: Process, result: NonNullable<ProcessEvent["result"]>): void {
    const other = this.#processes.get(pid);
    if (other === undefined || this.#relations.isTrapping(pid)) {
      this.#tell(pid, { kind: "pid.link.down", from: failed.pid, at: now(), result });
      return;
    }
    const message = `linked process failed: ${failed.pid} (${failed.id})`;
    this.#end(other, new WeftError("LINKED_PROCESS_FAILED", message, { details: { pid: failed.pid } }));
  }

  /** Ends a process: it hears of it where it waits, and is cut off where it spins. */
  #end({ pid, number, cancellation }: Process, reason: WeftError): void {
    cancellation.cancel(reason);
    const isolate = parsePid(pid)?.isolate;
    if (isolate !== undefined) this.#parts.cut(isolate, number);
  }

  #tell(pid: Pid, event: ProcessEvent): void {
    const address = parsePid(pid);
    if (address !== undefined) this.#parts.seatAt(address.isolate)?.link.send({ type: "event", pid, event });
  }

  /** Writes to a pid from here. @throws WeftError `PROCESS_NOT_FOUND`, `MAILBOX_FULL`. */
  #post(pid: Pid, letter: Letter): void {
    const address = parsePid(pid);
    const seat = address === undefined ? undefined : this.#parts.seatAt(address.isolate);
    if (address === undefined || seat === undefined) throw notFound(pid);
    if (address.process !== undefined) {
      if (!this.#parts.cells.isAlive(address.process)) throw notFound(pid);
      if (!this.#parts.cells.post(address.process)) throw mailboxFull(pid);
    }
    seat.link.send({ type: "letter", pid, letter });
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

function now(): number {
  return Math.floor(Date.now() / 1_000);
}
