import { channel } from "node:diagnostics_channel";
import { monotonicMs } from "../../core/clock.ts";
import { toWeftError } from "../../core/errors.ts";
import type { ErrorCode } from "../../core/error-codes.ts";
import type { EntryId } from "../../core/ids.ts";
import type { RuntimeStats } from "../../core/stats.ts";
import type { Value } from "../../core/values.ts";
import type { DispatcherPort } from "../../hosts/ports.ts";
import { createDispatcher, type DispatcherParts } from "../dispatcher.ts";
import type { Placed } from "../placed.ts";
import type { SharedTables } from "../protocol.ts";
import { SlotTable } from "../slots.ts";
import type { IsolateHandle } from "./handle.ts";

/** Gathers figures; costs nothing while nobody asks. */
export function gatherStats(
  shared: SharedTables,
  handles: readonly IsolateHandle[],
  placed: Iterable<Placed>,
): RuntimeStats {
  const memories = new Int32Array(shared.memories);
  const slots = new SlotTable(shared);
  const pools = [...placed].filter(({ row }) => row >= 0);
  return {
    isolates: handles.map(({ number, threadId, load }) => ({
      isolate: number,
      isUp: threadId !== undefined,
      load,
      memories: Atomics.load(memories, number + 1),
    })),
    pools: pools.map(({ row, placement }) => ({ id: placement.id, ...slots.totals(row) })),
  };
}

/** How a call through the control plane ended: one from HTTP, a command line, a queue, TypeScript. */
export interface EndedCall {
  readonly id: EntryId;
  readonly ms: number;
  /** Undefined when it went well. */
  readonly code: ErrorCode | undefined;
  /** Which dispatcher: one process may hold several runtimes. */
  readonly by: DispatcherPort;
}

/** Tells of each `EndedCall`. Costs nothing unheard. */
export const callChannel = "weft:call:ended";

const ended = channel(callChannel);

/** A dispatcher whose calls are told on the channel. */
export function observedDispatcher(parts: DispatcherParts): DispatcherPort {
  const dispatcher = createDispatcher(parts);
  const by: DispatcherPort = {
    describe: (id) => dispatcher.describe(id),
    call(request) {
      if (!ended.hasSubscribers) return dispatcher.call(request);
      const started = monotonicMs();
      const tell = (code: ErrorCode | undefined): void =>
        ended.publish({ id: request.id, ms: monotonicMs() - started, code, by } satisfies EndedCall);
      const fail = (error: unknown): never => {
        tell(toWeftError(error).code);
        throw error;
      };
      const succeed = (value: Value): Value => {
        tell(undefined);
        return value;
      };
      let result: Value | Promise<Value>;
      try {
        result = dispatcher.call(request);
      } catch (error) {
        return fail(error);
      }
      return result instanceof Promise ? result.then(succeed, fail) : succeed(result);
    },
  };
  return by;
}
