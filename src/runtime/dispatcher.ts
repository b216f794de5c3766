import { childCancellation, type Cancellation } from "../core/cancellation.ts";
import { monotonicMs } from "../core/clock.ts";
import { childContext, holdingContext, type CallContext } from "../core/context.ts";
import { WeftError } from "../core/errors.ts";
import type { EntryId } from "../core/ids.ts";
import type { Value } from "../core/values.ts";
import type { CalleeInfo, CallRequest, DispatcherPort } from "../hosts/ports.ts";
import type { CallOptions } from "../registry/placement.ts";
import type { StraightCall } from "../wit/values/straight.ts";
import { mergeOptions } from "./options.ts";
import type { Placed } from "./placed.ts";
import { runWithRetry } from "./retry.ts";

/** Calls may nest this deep. Synchronous calls share one JavaScript stack, which must hold them all. */
const maxCallDepth = 150;

/** What the dispatcher needs of the thread around it: an isolate, or the control plane. */
export interface DispatcherParts {
  find(id: EntryId): Placed | undefined;
  /** Refuses a call that its caller is not allowed to make. @throws WeftError `PERMISSION_DENIED`. */
  authorize(id: EntryId, caller: CallContext): void;
  /** Takes a slot of the entry in this thread. False when there is none free. */
  acquireHere(row: number): boolean;
  releaseHere(row: number): void;
  /** Takes a slot of the entry on another isolate and says which. */
  acquireElsewhere(row: number): number | undefined;
  /** Runs a callee here (or, on the control plane, on any isolate), in its own context. */
  execute(
    placed: Placed,
    args: readonly Value[],
    context: CallContext,
    straight?: StraightCall,
  ): Value | Promise<Value>;
  /** Runs a callee on another isolate, where a slot was taken for it. */
  executeElsewhere(isolate: number, placed: Placed, args: readonly Value[], context: CallContext): Promise<Value>;
  /** Lets a call with checked arguments wait for a slot. */
  queue(placed: Placed, request: CallRequest): Promise<Value>;
  /** Answers a call whose target is no function known here. */
  callOther(request: CallRequest): Promise<Value>;
}

/** Routes calls from guests of this isolate to their callees, wherever these can run. */
export function createDispatcher(parts: DispatcherParts): DispatcherPort {
  const route = (placed: Placed, request: CallRequest, args: readonly Value[]): Value | Promise<Value> => {
    const { row } = placed;
    if (row < 0) return parts.execute(placed, args, childContext(request.context));
    if (parts.acquireHere(row)) {
      return holdingSlot(parts, row, () => parts.execute(placed, args, holdingContext(request.context, row)));
    }
    const isolate = parts.acquireElsewhere(row);
    if (isolate !== undefined)
      return parts.executeElsewhere(isolate, placed, args, holdingContext(request.context, row));
    return parts.queue(placed, { ...request, args, checked: true });
  };

  const call = (request: CallRequest): Value | Promise<Value> => {
    const { context } = request;
    context.cancellation.throwIfCanceled();
    parts.authorize(request.id, request.caller ?? context);
    if (context.depth >= maxCallDepth) {
      throw new WeftError("CALL_DEPTH", `${request.id}: calls nest deeper than ${maxCallDepth}`);
    }
    const placed = parts.find(request.id);
    if (placed === undefined || placed.placement.role !== "function") return parts.callOther(request);
    const options = mergeOptions(placed.placement.options, request.overrides);
    const { straight } = request;
    if (straight !== undefined && options === undefined && placed.takesStraight(straight)) {
      const { row } = placed;
      if (row < 0) return parts.execute(placed, [], childContext(context), straight);
      if (parts.acquireHere(row)) {
        return holdingSlot(parts, row, () => parts.execute(placed, [], holdingContext(context, row), straight));
      }
    }
    const args = placed.acceptArguments(request.args, request.checked, context.request);
    if (options === undefined) return route(placed, request, args);
    return withOptions(options, request, (attempt) => route(placed, attempt, args));
  };

  return { describe: (id) => describe(parts.find(id)), call };
}

function describe(placed: Placed | undefined): CalleeInfo | undefined {
  return placed?.placement;
}

function holdingSlot(parts: DispatcherParts, row: number, work: () => Value | Promise<Value>): Value | Promise<Value> {
  const release = (): void => parts.releaseHere(row);
  let result: Value | Promise<Value>;
  try {
    result = work();
  } catch (error) {
    release();
    throw error;
  }
  if (result instanceof Promise) return result.finally(release);
  release();
  return result;
}

/** Applies the caller's timeout and retries around a call. */
function withOptions(
  options: CallOptions,
  request: CallRequest,
  attempt: (request: CallRequest) => Value | Promise<Value>,
): Promise<Value> {
  const once = (): Promise<Value> => withTimeout(options.timeoutMs, request, attempt);
  return options.retry === undefined ? once() : runWithRetry(options.retry, request.context.cancellation, once);
}

/** A call of a process, held to its entry's options and its caller's. A timeout asks it to end; it is no deadline. */
export function callWithOptions(
  defaults: CallOptions,
  request: CallRequest,
  attempt: (request: CallRequest) => Promise<Value>,
): Promise<Value> {
  return withOptions(mergeOptions(defaults, request.overrides) ?? {}, request, async (held) => {
    const { cancellation } = held.context;
    const result = attempt({ ...held, context: { ...request.context, cancellation } });
    await Promise.allSettled([result]);
    // Whatever it said when it was asked to end came too late.
    cancellation.throwIfCanceled();
    return await result;
  });
}

async function withTimeout(
  timeoutMs: number | undefined,
  request: CallRequest,
  attempt: (request: CallRequest) => Value | Promise<Value>,
): Promise<Value> {
  if (timeoutMs === undefined) return await attempt(request);
  const deadline = monotonicMs() + timeoutMs;
  using scope = childCancellation(request.context.cancellation);
  using _timer = cancelAfter(
    scope.cancellation,
    timeoutMs,
    `${request.id} took longer than its caller's ${timeoutMs} ms`,
  );
  const context: CallContext = {
    ...request.context,
    cancellation: scope.cancellation,
    deadline: Math.min(deadline, request.context.deadline ?? Infinity),
  };
  return await attempt({ ...request, context });
}

/** Ends a call with `CALL_TIMEOUT` when its time is up. */
export function cancelAfter(cancellation: Cancellation, ms: number, message: string): Disposable {
  const timer = setTimeout(() => cancellation.cancel(new WeftError("CALL_TIMEOUT", message)), Math.max(0, ms));
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}
