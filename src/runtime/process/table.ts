import { Cancellation, canceled } from "../../core/cancellation.ts";
import { childContext } from "../../core/context.ts";
import { encodeError, toWeftError, WeftError } from "../../core/errors.ts";
import type { EntryId } from "../../core/ids.ts";
import type { Value } from "../../core/values.ts";
import type { Pid, ProcessEvent, SpawnRequest } from "../../hosts/ports.ts";
import type { Placement } from "../../registry/placement.ts";
import { NotStarted, type IsolateHandle } from "../control/handle.ts";

/** A place where processes run, as its entry describes it. */
export interface HostSpec {
  readonly type: "pool" | "terminal";
  readonly maxProcesses: number;
}

/** What the table needs of the control plane around it. */
export interface ProcessParts {
  find(id: EntryId): Placement | undefined;
  unknown(id: EntryId): WeftError;
  /** The isolate for the next process. */
  seat(): IsolateHandle | undefined;
  seatAt(isolate: number): IsolateHandle | undefined;
}

interface Process {
  readonly pid: Pid;
  readonly id: EntryId;
  readonly host: EntryId;
  readonly cancellation: Cancellation;
  readonly watchers: Set<Pid>;
  readonly result: Promise<Value>;
}

/** The processes of this node: who runs, where, and who wants to know when it ends. */
export class ProcessTable {
  readonly #parts: ProcessParts;
  readonly #hosts = new Map<EntryId, HostSpec>();
  readonly #processes = new Map<Pid, Process>();
  #last = 0;

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
    const started = this.#start(request, new Cancellation());
    if (request.monitor) started.watchers.add(request.context.pid);
    return started.pid;
  }

  /** Starts a process and waits for its result; the caller's cancellation ends it. */
  async exec(request: SpawnRequest): Promise<Value> {
    return await this.#start(request, request.context.cancellation).result;
  }

  /** Ends a process at once. @throws WeftError `PROCESS_NOT_FOUND`. */
  terminate(pid: Pid): void {
    const found = this.#processes.get(pid);
    if (found === undefined) throw new WeftError("PROCESS_NOT_FOUND", `process not found: ${pid}`);
    found.cancellation.cancel(canceled("process terminated"));
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
    const seat = this.#parts.seat();
    if (seat === undefined) throw new WeftError("POOL_CLOSED", "the runtime has no isolates");
    this.#last += 1;
    const pid = `{${host}|${seat.number}.${this.#last}}`;
    const run = {
      id,
      args: request.args,
      checked: false,
      context: { ...childContext(request.context), cancellation, pid },
      slot: -1,
      as: "process" as const,
      pid,
      terminal: spec.type === "terminal",
    };
    const result = this.#supervise(seat, run);
    const started: Process = { pid, id, host, cancellation, watchers: new Set(), result };
    this.#processes.set(pid, started);
    result.then(
      (value) => this.#ended(started, { value }),
      (error: unknown) => this.#ended(started, { error: encodeError(toWeftError(error)) }),
    );
    return started;
  }

  /** A process that its isolate never began starts on another. */
  async #supervise(seat: IsolateHandle, run: Parameters<IsolateHandle["run"]>[0]): Promise<Value> {
    try {
      return await seat.run(run);
    } catch (error) {
      const next = this.#parts.seat();
      if (!(error instanceof NotStarted) || next === undefined) throw error;
      return await this.#supervise(next, run);
    }
  }

  #admit(host: EntryId): HostSpec {
    const spec = this.#hosts.get(host);
    if (spec === undefined) {
      const known = [...this.#hosts.keys()].join(", ") || "none";
      throw new WeftError("HOST_NOT_FOUND", `there is no process host ${host} (hosts: ${known})`);
    }
    const running = this.running.filter((candidate) => candidate.host === host).length;
    if (running >= spec.maxProcesses) {
      throw new WeftError("HOST_BUSY", `${host} already runs ${running} of at most ${spec.maxProcesses} processes`);
    }
    return spec;
  }

  #ended(ended: Process, result: NonNullable<ProcessEvent["result"]>): void {
    this.#processes.delete(ended.pid);
    const event: ProcessEvent = { kind: "pid.exit", from: ended.pid, at: Math.floor(Date.now() / 1_000), result };
    for (const watcher of ended.watchers) this.#deliver(watcher, event);
  }

  /** The part of a pid after `|` begins with the number of the isolate it lives on. */
  #deliver(pid: Pid, event: ProcessEvent): void {
    const isolate = Number.parseInt(pid.slice(pid.lastIndexOf("|") + 1), 10);
    this.#parts.seatAt(isolate)?.link.send({ type: "event", pid, event });
  }
}
