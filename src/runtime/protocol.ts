import type { CollectOptions } from "../core/collect.ts";
import type { MessagePort } from "node:worker_threads";
import type { WireContext } from "../core/context.ts";
import type { WireError } from "../core/errors.ts";
import type { EntryId } from "../core/ids.ts";
import type { LogLevel } from "../core/log.ts";
import type { CallReport } from "../core/report.ts";
import type { Value } from "../core/values.ts";
import type { InterpreterName } from "../engine/lua/state/interpreter.seam.ts";
import type {
  CallOverrides,
  EntryView,
  Letter,
  Pid,
  ProcessEvent,
  ProcessRequest,
  SpawnRequest,
} from "../hosts/ports.ts";
import type { Denial } from "../hosts/security/gate.ts";
import type { SecuritySettings } from "../hosts/security/spec.ts";
import type { ServiceRequest } from "../hosts/services.ts";
import type { Placement } from "../registry/placement.ts";

/**
 * Everything that threads say to each other. A port carries arrays of messages: those of one microtask travel together.
 * Numbers named `call` and `request` are chosen by the sender and unique on their port.
 */

/** What `serve` gets when an isolate starts. */
export interface IsolateStart {
  /** The isolate's number: its column in the shared tables. */
  readonly isolate: number;
  readonly port: MessagePort;
  readonly shared: SharedTables;
}

/** Memory that every thread of a runtime sees. */
export interface SharedTables {
  readonly isolates: number;
  /** The time, on `monotonicMs`, from which the tables count. */
  readonly epoch: number;
  /** Which interpreter runs Lua. */
  readonly luaEngine: InterpreterName;
  /** Heap that each isolate may fill, where the app bounds it. */
  readonly heapBytes?: number | undefined;
  /** Slots by entry and isolate: see `slots.ts`. */
  readonly slots: SharedArrayBuffer;
  /** The deadline of the guest that each isolate is inside of: see `overrun.ts`. */
  readonly overrun: SharedArrayBuffer;
  /** Which process each isolate is inside of: see `kill-cells.ts`. */
  readonly kills: SharedArrayBuffer;
  /** How many linear memories each isolate has: see `engine/wasm/limits/memory-pool.ts`. */
  readonly memories: SharedArrayBuffer;
  /** Which processes are alive: see `process/cells.ts`. */
  readonly processes: SharedArrayBuffer;
}

/** Why an isolate ended. */
export interface IsolateLoss {
  /** The call that ran past its deadline and would not stop: by its root, with what its caller is told. */
  readonly overrun?: { readonly root: number; readonly message: string };
}

/** The pid to run under, and whether arguments are a command line's and the real stdin, stdout and stderr are lent. */
export interface ProcessRun {
  readonly pid: Pid;
  readonly terminal: boolean;
}

/** Runs an entry on the isolate that reads this. A slot was taken for it in that isolate's column unless `slot` is -1. */
export interface RunMessage {
  readonly type: "run";
  readonly call: number;
  readonly id: EntryId;
  readonly args: readonly Value[];
  readonly checked: boolean;
  readonly context: WireContext;
  readonly slot: number;
  /** The generation of the entry that the sender knows: the arguments were checked by its signature. */
  readonly generation: number;
  /** A process is run from its start to its end; without this, it is a function's call. */
  readonly process?: ProcessRun;
}

/** Ends a call that `run` began. */
export interface CancelMessage {
  readonly type: "cancel";
  readonly call: number;
  readonly error: WireError;
}

/** How a call ended. */
export type ResultMessage =
  | { readonly type: "result"; readonly call: number; readonly value: Value; readonly report?: CallReport }
  | { readonly type: "failure"; readonly call: number; readonly error: WireError; readonly report?: CallReport };

/** From the control plane to an isolate. */
export type ToIsolate =
  | RunMessage
  | CancelMessage
  /** Makes an entry known, or replaces it. `index` is its number among all entries; see `Placed` for `generation`. */
  | { readonly type: "place"; readonly index: number; readonly generation: number; readonly placement: Placement }
  | { readonly type: "remove"; readonly id: EntryId }
  /** Everything up to this generation has been told, although some of it is gone again. */
  | { readonly type: "generation"; readonly generation: number }
  /** The policies that hold from now on. */
  | { readonly type: "security"; readonly settings: SecuritySettings }
  /** A direct line to another isolate. */
  | { readonly type: "peer"; readonly isolate: number; readonly port: MessagePort }
  /** Another isolate ended: calls that it runs for us fail, calls that we run for it are cancelled. */
  | { readonly type: "peer-lost"; readonly isolate: number; readonly loss: IsolateLoss }
  /** The answer to an `ask`. */
  | { readonly type: "answer"; readonly request: number; readonly answer: Answer }
  | { readonly type: "refusal"; readonly request: number; readonly error: WireError }
  /** Something for a process or function that runs here. */
  | {
      readonly type: "event";
      readonly pid: Pid;
      readonly event: ProcessEvent;
      /** Say `unheard` if nobody listens for events. */
      readonly orUnheard: boolean;
    }
  /** Somebody wants to know when a function's execution ends: say `gone` then, or now if it has. */
  | { readonly type: "watch"; readonly pid: Pid }
  | LetterMessage
  /** What a subscription hears, by the number of the question that began it. */
  | { readonly type: "heard"; readonly request: number; readonly value: Value }
  /** Collect garbage now, if the process was started with `--expose-gc`: for measurements. */
  | ({ readonly type: "collect" } & CollectOptions)
  /** A call was cut, and with it its turn: this begins the next one, which puts things right. */
  | { readonly type: "cut" }
  /** Are you there? Answered by `pong` when the thread is free. */
  | { readonly type: "ping" };

/** A letter to a process or function of the isolate that reads this, or to a client that the control plane has. */
export interface LetterMessage {
  readonly type: "letter";
  readonly pid: Pid;
  readonly letter: Letter;
}

/** What an isolate may ask of the control plane. */
export type Question =
  /** `queue`: no slot is free anywhere, wait for one. `call`: the target is no function known here. */
  | {
      readonly ask: "queue" | "call";
      readonly id: EntryId;
      readonly args: readonly Value[];
      readonly checked: boolean;
      readonly context: WireContext;
      readonly overrides: CallOverrides | undefined;
    }
  | { readonly ask: "registry.get"; readonly id: EntryId }
  | { readonly ask: "registry.find"; readonly filter: Readonly<Record<string, Value>> }
  | {
      readonly ask: "spawn" | "exec";
      readonly id: EntryId;
      readonly host: EntryId;
      readonly args: readonly Value[];
      readonly context: WireContext;
      readonly wants: Omit<SpawnRequest, "id" | "host" | "args" | "context">;
    }
  | { readonly ask: "process"; readonly request: ProcessRequest }
  /** Something for the shared half of a host. */
  | { readonly ask: "service"; readonly request: ServiceRequest }
  /** As `service`, to hear again and again: what is heard is `heard` by the question's number. Ends with `unsubscribe`. */
  | { readonly ask: "subscribe"; readonly request: ServiceRequest }
  | { readonly ask: "stdin"; readonly limit: number };

/** What the control plane answers, by the sort of question. */
export type Answer =
  | { readonly is: "value"; readonly value: Value }
  | { readonly is: "entries"; readonly entries: readonly EntryView[] }
  | { readonly is: "pid"; readonly pid: Pid }
  /** Bytes of the standard input; none at its end. */
  | { readonly is: "bytes"; readonly bytes: Uint8Array | undefined }
  | { readonly is: "done" };

/** From an isolate to the control plane. */
export type FromIsolate =
  | ResultMessage
  /** The isolate serves; `threadId` is how piscina knows it. */
  | { readonly type: "ready"; readonly threadId: number }
  | { readonly type: "ask"; readonly request: number; readonly question: Question }
  | { readonly type: "cancel-ask"; readonly request: number; readonly error: WireError }
  /** Nobody hears a subscription any more. */
  | { readonly type: "unsubscribe"; readonly request: number }
  /** A letter to somebody who is no program and has a pid of the control plane; it was counted. */
  | LetterMessage
  /** A function's execution whose pid others may know has ended. */
  | { readonly type: "gone"; readonly pid: Pid; readonly result?: ProcessEvent["result"] }
  /** A process of this isolate does not listen for the event that it was sent. */
  | { readonly type: "unheard"; readonly pid: Pid }
  /** A program was refused something. */
  | { readonly type: "denied"; readonly denial: Denial }
  /** A slot came free while calls wait for one. */
  | { readonly type: "slot-free"; readonly index: number }
  | {
      readonly type: "log";
      readonly level: LogLevel;
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>>;
    }
  | { readonly type: "pong" };

/** Between isolates, both ways. */
export type PeerMessage = RunMessage | CancelMessage | ResultMessage | LetterMessage;
