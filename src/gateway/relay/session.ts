import { monotonicMs } from "../../core/clock.ts";
import { toWeftError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { isRecord, type Value } from "../../core/values.ts";
import type { Letter, ProcessEvent } from "../../hosts/ports.ts";
import type { Correspondent, CorrespondentEars } from "../../registry/service.ts";
import { changedSettings, type RelaySettings } from "./settings.ts";

/** Letters of clients that may wait for a process: half of what its mailbox holds, the rest is for processes. */
const crowdLetters = 5_000;
/** Bytes that may wait for it, were all letters as long as the last one of the client. */
const crowdBytes = 16 * 1024 * 1024;

/** Why a connection ends. */
export interface Ending {
  /** One of those of WebSockets (RFC 6455, 7.4). */
  readonly code: number;
  readonly reason: string;
}

/** The client's side of a session: how it is written to. */
export interface RelayClient {
  /** What its topics begin with: `ws` of `ws.join`. */
  readonly prefix: string;
  /** Sends a letter to the client; `taken` once it has left. */
  forward(letter: Letter, taken: () => void): void;
  /** Nothing may have been said for a while, and the connection is to be kept. */
  beat?(): void;
  /** The client is to be told that its connection ends. */
  close(ending: Ending): void;
}

/** What sessions need around them. */
export interface RelayWorld {
  readonly log: Log;
  readonly correspond: (ears: CorrespondentEars) => Correspondent;
  /** The server stops: sessions end. */
  readonly onStop: (listener: () => void) => Disposable;
}

/**
 * A client's connection that a process has: it has a pid, to which processes write, and which they can monitor. The
 * process hears of its coming, its messages and its going as letters; when the process ends, so does the connection.
 */
export class RelaySession {
  readonly #client: RelayClient;
  readonly #log: Log;
  readonly #correspondent: Correspondent;
  readonly #stop: Disposable;
  readonly #started = monotonicMs();
  #settings: RelaySettings;
  #messages = 0;
  #hasJoined = false;
  #isOver = false;
  #heartbeat: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;
  #hard: NodeJS.Timeout | undefined;

  /** The process must be there. @throws WeftError `PROCESS_NOT_FOUND`. */
  constructor(client: RelayClient, settings: RelaySettings, { log, correspond, onStop }: RelayWorld) {
    this.#client = client;
    this.#log = log;
    this.#settings = settings;
    this.#correspondent = correspond({
      letter: (letter, taken) => this.#received(letter, taken),
      event: (event) => this.#heard(event),
    });
    this.#stop = onStop(() => this.end({ code: 1001, reason: "the server stops" }));
    try {
      if (settings.target !== undefined) this.#correspondent.monitor(settings.target);
    } catch (error) {
      this.over({ code: 1011, reason: "" });
      throw error;
    }
  }

  get pid(): string {
    return this.#correspondent.pid;
  }

  get settings(): RelaySettings {
    return this.#settings;
  }

  /** The client is there: the process hears of it. */
  join(): void {
    if (this.#isOver) return;
    this.#hasJoined = true;
    this.#tell("join");
    this.#setTimers();
  }

  /** Whether the process has so much to read that a client who said so many bytes is to wait before it says more. */
  isCrowded(bytes: number): boolean {
    const { target } = this.#settings;
    if (this.#isOver || target === undefined) return false;
    const waiting = this.#correspondent.waiting(target);
    return waiting > crowdLetters || waiting * bytes > crowdBytes;
  }

  /** The client says something. */
  message(payload: Value): void {
    this.#messages += 1;
    this.#moved();
    this.#post(this.#settings.topic, payload);
  }

  /** Ends the connection. */
  end(ending: Ending): void {
    if (this.#isOver) return;
    this.over(ending);
    this.#client.close(ending);
  }

  /** The connection has ended: the process hears of it, and nobody can write to it any more. */
  over({ code, reason }: Ending): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#idle);
    clearTimeout(this.#hard);
    this.#stop[Symbol.dispose]();
    if (this.#hasJoined) this.#tell("leave", { reason, code });
    this.#correspondent.end();
  }

  /** Something moved: it is not idle. */
  #moved(): void {
    this.#idle?.refresh();
  }

  #received(letter: Letter, taken: () => void): void {
    this.#moved();
    const { prefix } = this.#client;
    const payload = letter.payloads[0] ?? null;
    if (letter.topic === `${prefix}.control`) {
      taken();
      this.#control(payload);
    } else if (letter.topic === `${prefix}.close`) {
      taken();
      this.end(readEnding(payload));
    } else this.#client.forward(letter, taken);
  }

  /** A process changes what becomes of the client. */
  #control(payload: Value): void {
    try {
      if (!isRecord(payload)) return;
      const old = this.#settings;
      const settings = changedSettings(payload, old);
      const target = payload["target_pid"] === "" ? undefined : settings.target;
      if (target !== old.target) {
        if (target !== undefined) this.#correspondent.monitor(target);
        this.#tell("leave", { reason: "the connection was given to another process", code: 1000 });
        if (old.target !== undefined) this.#correspondent.unmonitor(old.target);
      }
      this.#settings = { ...settings, target };
      if (target !== old.target) this.#tell("join");
      this.#setTimers();
    } catch (error) {
      this.#log.warn("a connection could not be changed", { pid: this.pid, error: toWeftError(error).message });
    }
  }

  #heard({ kind, reason = "", result }: ProcessEvent): void {
    if (kind === "pid.cancel") return this.end({ code: 1000, reason });
    const hasFailed = result?.error !== undefined;
    this.end({ code: hasFailed ? 1011 : 1000, reason: "the process has ended" });
  }

  #setTimers(): void {
    clearInterval(this.#heartbeat);
    clearTimeout(this.#idle);
    clearTimeout(this.#hard);
    const { heartbeatMs, idleMs, hardMs } = this.#settings;
    if (heartbeatMs !== undefined) this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs).unref();
    const end = (reason: string) => (): void => this.end({ code: 1000, reason });
    if (idleMs !== undefined) this.#idle = setTimeout(end("nothing moved for too long"), idleMs).unref();
    const left = hardMs === undefined ? undefined : hardMs - (monotonicMs() - this.#started);
    if (left !== undefined) this.#hard = setTimeout(end("its time is over"), left).unref();
  }

  #beat(): void {
    this.#client.beat?.();
    const uptime = Math.floor((monotonicMs() - this.#started) / 1_000);
    this.#tell("heartbeat", { uptime, message_count: this.#messages });
  }

  #tell(what: "join" | "leave" | "heartbeat", more: Readonly<Record<string, Value>> = {}): void {
    const { metadata } = this.#settings;
    this.#post(`${this.#client.prefix}.${what}`, { client_pid: this.pid, metadata, ...more });
  }

  /** Of a process that is gone an event tells; one that does not read its mail cannot have its client's, either. */
  #post(topic: string, payload: Value): void {
    const { target } = this.#settings;
    if (target === undefined) return;
    try {
      this.#correspondent.send(target, topic, payload);
    } catch (error) {
      const { code, message } = toWeftError(error);
      if (code !== "PROCESS_NOT_FOUND")
        this.#log.warn("a process does not read its client", { pid: this.pid, target, error: message });
      if (!this.#isOver) this.end({ code: 1013, reason: "the process does not listen" });
    }
  }
}

/** What `ws.close` says: a reason, or a table with a code as well. */
function readEnding(payload: Value): Ending {
  if (typeof payload === "string") return { code: 1000, reason: payload };
  const { code, reason } = isRecord(payload) ? payload : {};
  return {
    code: typeof code === "number" && isCloseCode(code) ? code : 1000,
    reason: typeof reason === "string" ? reason : "",
  };
}

/** The codes that an endpoint may send. */
function isCloseCode(code: number): boolean {
  return (code >= 3000 && code <= 4999) || (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code));
}
