import type { Actor, Scope } from "../../core/context.ts";
import type { EntryId } from "../../core/ids.ts";
import type { Value } from "../../core/values.ts";

/** What an entry of the queues' kinds says about itself. */
export type QueueSpec = MemoryQueueSpec | ConsumerSpec;

/** A queue in memory. */
export interface MemoryQueueSpec {
  readonly type: "queue";
  /** Messages that wait at most. */
  readonly maxLength: number;
  /** Where messages go that failed too often; without, they are tried for ever. */
  readonly deadLetter: { readonly queue: EntryId; readonly maxAttempts: number } | undefined;
}

/** Whom a queue's messages are given to. */
export interface ConsumerSpec {
  readonly type: "consumer";
  readonly queue: EntryId;
  readonly func: EntryId;
  /** Messages handled at once. */
  readonly concurrency: number;
  /** A message counts as handled when it is given away, whatever comes of it. */
  readonly autoAck: boolean;
  /** It handles messages only between `start` and `stop`; otherwise as long as it is there. */
  readonly byService?: boolean;
  readonly actor: Actor | undefined;
  readonly scope: Scope | undefined;
}

/** What isolates ask of queues. */
export type QueueRequest =
  | {
      readonly do: "publish";
      readonly id: EntryId;
      readonly body: Value;
      readonly headers: Readonly<Record<string, Value>>;
    }
  | { readonly do: "info"; readonly id: EntryId }
  /** A consumer's service begins, or ends: then handlers that run have so long to end, and are cancelled. */
  | { readonly do: "start"; readonly consumer: EntryId }
  | { readonly do: "stop"; readonly consumer: EntryId; readonly timeoutMs: number }
  /** Settles a message before its handler returns. */
  | { readonly do: "ack" | "nack"; readonly delivery: string };

/** The context value that tells a handler about its message. */
export const messageValue = "@queue/message";
