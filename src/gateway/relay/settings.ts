import { parseDurationMs } from "../../core/durations.ts";
import { WeftError } from "../../core/errors.ts";
import { isRecord, toValue, type Value } from "../../core/values.ts";

/** Fields by name, as programs write them. */
export type Fields = Readonly<Record<string, Value>>;

/** What a program says of the client whose connection it gives to a process. */
export interface RelaySettings {
  /** Pid or name of the process that hears of the client; undefined for a client that nobody hears of yet. */
  readonly target: string | undefined;
  /** The topic of messages. */
  readonly topic: string;
  /** How often the process hears that the client is there; undefined for never. */
  readonly heartbeatMs: number | undefined;
  /** The connection ends when nothing moved for so long. */
  readonly idleMs: number | undefined;
  /** The connection ends after so long, whatever moves. */
  readonly hardMs: number | undefined;
  /** Comes along with what the process is told of the client. */
  readonly metadata: Value;
}

/** Reads the header of a response. @throws WeftError `INVALID_ARGUMENT`. */
export function readRelayHeader(header: string, defaults: RelaySettings): RelaySettings {
  // Headers come as the bytes of their UTF-8.
  const text = Buffer.from(header, "latin1").toString("utf8");
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (cause) {
    throw wrong('it is JSON, such as {"target_pid": …}', cause);
  }
  const value = toValue(read, "the relay's header");
  if (!isRecord(value)) throw wrong("it is a JSON object");
  return changedSettings(value, defaults);
}

/** Settings with the changes that a program asks for. @throws WeftError `INVALID_ARGUMENT`. */
export function changedSettings(fields: Fields, now: RelaySettings): RelaySettings {
  const { metadata = now.metadata } = fields;
  return {
    target: readText(fields, "target_pid", now.target),
    topic: readText(fields, "message_topic", now.topic) ?? now.topic,
    heartbeatMs: readDuration(fields, "heartbeat_interval", now.heartbeatMs),
    idleMs: readDuration(fields, "idle_timeout", now.idleMs),
    hardMs: readDuration(fields, "hard_timeout", now.hardMs),
    metadata,
  };
}

function readText(fields: Fields, name: string, otherwise: string | undefined): string | undefined {
  const value = fields[name] ?? null;
  if (value === null) return otherwise;
  if (typeof value !== "string") throw wrong(`${name} is a text`);
  return value === "" ? undefined : value;
}

function readDuration(fields: Fields, name: string, otherwise: number | undefined): number | undefined {
  const text = readText(fields, name, undefined);
  if (text === undefined) return otherwise;
  const ms = parseDurationMs(text);
  if (ms === undefined) throw wrong(`${name} is a duration such as 30s, not "${text}"`);
  return ms > 0 ? ms : undefined;
}

function wrong(what: string, cause?: unknown): WeftError {
  return new WeftError("INVALID_ARGUMENT", `the relay's settings: ${what}`, { cause });
}
