import { childCancellation } from "../../core/cancellation.ts";
import { monotonicMs } from "../../core/clock.ts";
import { earlier, type CallContext } from "../../core/context.ts";
import { encodeError, toWeftError, WeftError } from "../../core/errors.ts";
import { closedStdio, type Stdio } from "../../core/stdio.ts";
import { CallUsage } from "../../core/report.ts";
import type { Value } from "../../core/values.ts";
import type { InstanceContext } from "../../hosts/context.ts";
import { checkVariable } from "../../hosts/env/allowed.ts";
import type { HttpExchange } from "../../hosts/http/exchange.ts";
import type { Pid, Ports, ProcessEvent } from "../../hosts/ports.ts";
import { networkRules } from "../../hosts/sockets/rules.ts";
import type { Placement, VariableGrant } from "../../registry/placement.ts";
import { functionPid } from "../process/pid.ts";
import type { Placed } from "../placed.ts";
import type { RunningGuests } from "../overrun.ts";
import type { StraightCall } from "../../wit/values/straight.ts";
import type { Guard } from "./guard/guard.ts";
import type { Mail } from "./mail.ts";
import { withLastWords } from "./last-words.ts";
import type { RunProgram } from "./program.ts";
import { loggedStdio } from "./stdio.ts";

/** One execution: what runs, with which arguments, for whom. */
export interface Execution {
  readonly placed: Placed;
  readonly args: readonly Value[];
  /** The arguments as the caller holds them; `args` is empty then. */
  readonly straight?: StraightCall;
  /** The callee's own context. */
  readonly context: CallContext;
  /** The request that it answers. */
  readonly exchange?: HttpExchange;
  /** Nothing is on the stack under it but frames of `Turns`. */
  readonly atBottom?: boolean;
  /** Fixed for a process, chosen here for a function. */
  readonly pid?: Pid;
  /** Streams that a terminal lends. */
  readonly stdio?: Stdio;
  /** The words of a command line. */
  readonly words?: readonly string[];
}

/** What the executor needs of the isolate around it. */
export interface ExecutorParts {
  readonly isolate: number;
  readonly ports: Ports;
  readonly mail: Mail;
  readonly running: RunningGuests;
  readonly guard: Guard;
  runner(placed: Placed): RunProgram;
  /** A function whose pid others may know has ended; `result` is how, if somebody wants to know. */
  gone(pid: Pid, result: ProcessEvent["result"]): void;
}

/** Runs programs of this isolate inside their limits, with an address of their own. */
export function createExecutor(parts: ExecutorParts): (execution: Execution) => Value | Promise<Value> {
  let lastTask = 0;
  return (execution) => {
    const { placed, args } = execution;
    lastTask += 1;
    const pid = execution.pid ?? functionPid(placed.placement.id, parts.isolate, lastTask);
    // Linked before the clock of its limit starts: opening an interpreter is not the guest's time.
    const runner = parts.runner(placed);
    const deadline = executionDeadline(placed.placement, execution.context);
    // Only a deadline of its own makes a call cancellable apart from its caller.
    const scope =
      deadline === execution.context.deadline ? undefined : childCancellation(execution.context.cancellation);
    const context: CallContext = {
      ...execution.context,
      pid,
      deadline,
      cancellation: scope?.cancellation ?? execution.context.cancellation,
    };
    const stretch = parts.running.enter(deadline ?? Infinity, context.root, placed.index);
    const usage = usageOf(placed.placement, context);
    const report = reporter(parts, { placement: placed.placement, context, usage });
    const end = (ending: () => ProcessEvent["result"]): void => {
      report?.();
      parts.running.leave(stretch);
      // A process's mailbox outlives an upgrade, so its isolate closes it.
      const closed = execution.pid === undefined ? parts.mail.close(pid) : undefined;
      if (closed !== undefined) parts.gone(pid, closed.isWatched ? ending() : undefined);
      scope?.[Symbol.dispose]();
    };
    const fail = (thrown: unknown): never => {
      const error = withLastWords(thrown, context);
      end(() => ({ error: encodeError(toWeftError(error)) }));
      throw error;
    };
    const succeed = (value: Value): Value => {
      end(() => ({ value }));
      return value;
    };
    const result = parts.guard.turns.protect<Value | Promise<Value>>(() => {
      checkMounts(parts.ports, placed.placement, context);
      const instance = instanceContext(parts, execution, { call: context, usage });
      const { variables } = placed.placement.wasi;
      if (variables !== undefined) return runWithVariables(runner, args, { instance, variables });
      const run = (execution.atBottom === true ? runner.atBottom : undefined) ?? runner;
      return run(args, instance, execution.straight);
    }, fail);
    if (result instanceof Promise) {
      parts.running.wait(stretch);
      return untilCanceled(result, context, placed.placement).then(succeed, fail);
    }
    return succeed(result);
  };
}

function executionDeadline(placement: Placement, context: CallContext): number | undefined {
  const { executionMs } = placement.limits;
  return executionMs === undefined ? context.deadline : earlier(context.deadline, monotonicMs() + executionMs);
}

/** All of a program's mounts must be allowed to its caller. @throws WeftError `PERMISSION_DENIED`. */
function checkMounts({ security }: Ports, { wasi }: Placement, context: CallContext): void {
  for (const { filesystem } of wasi.mounts) security.check("fs.get", filesystem, context);
}

interface WithVariables {
  readonly instance: InstanceContext;
  readonly variables: readonly VariableGrant[];
}

/** Runs a program whose environment is looked up first: variables may change while the app runs. */
async function runWithVariables(
  run: RunProgram,
  args: readonly Value[],
  { instance, variables }: WithVariables,
): Promise<Value> {
  for (const { id } of variables) await checkVariable(instance, "env.get", { name: id, namespace: "" });
  const request = { do: "values", ids: variables.map(({ id }) => id) } as const;
  const found = await instance.ports.services.ask({ service: "env", request });
  const values: readonly Value[] = Array.isArray(found) ? found : [];
  const env: Record<string, string> = { ...instance.env };
  for (const [index, { name, id, required }] of variables.entries()) {
    const value = values[index];
    if (typeof value === "string") env[name] = value;
    else if (required) {
      throw new WeftError("VARIABLE_NOT_FOUND", `${instance.id} needs the variable ${id}, which has no value`);
    }
  }
  instance.call.cancellation.throwIfCanceled();
  return await run(args, { ...instance, env });
}

/** Counting costs: it is done when somebody asked for a report, or a limit needs it. */
function usageOf({ id, limits }: Placement, context: CallContext): CallUsage | undefined {
  const isWanted = context.report !== undefined || limits.hostCalls !== undefined;
  return isWanted ? new CallUsage(id, limits) : undefined;
}

interface Reported {
  readonly placement: Placement;
  readonly context: CallContext;
  readonly usage: CallUsage | undefined;
}

/** Makes the call's report when it ends; undefined when nobody asked for one. */
function reporter({ isolate }: ExecutorParts, { placement, context, usage }: Reported): (() => void) | undefined {
  const { report } = context;
  if (report === undefined) return undefined;
  const started = monotonicMs();
  const { id, limits } = placement;
  return () =>
    report({
      entry: id,
      isolate,
      executionMs: monotonicMs() - started,
      used: usage?.used ?? {},
      limits,
      approximate: limits.stackBytes === undefined ? [] : ["stackBytes"],
    });
}

function instanceContext(
  parts: ExecutorParts,
  execution: Execution,
  { call, usage }: Pick<InstanceContext, "call" | "usage">,
): InstanceContext {
  const { placement } = execution.placed;
  const { wasi } = placement;
  const { words = [], stdio = ownStdio(parts, execution) } = execution;
  return {
    id: placement.id,
    pid: call.pid,
    call,
    ports: parts.ports,
    exchange: execution.exchange,
    limits: placement.limits,
    usage,
    stdio,
    args: wasi.args.length > 0 ? wasi.args : words,
    env: wasi.env,
    cwd: wasi.cwd,
    mounts: wasi.mounts,
    network: wasi.network === undefined ? undefined : networkRules(wasi.network),
    randomSeed: wasi.randomSeed,
  };
}

/** What a WebAssembly process prints goes to the log, as what its entry says a function prints may. */
function ownStdio({ ports }: ExecutorParts, { placed: { placement }, pid }: Execution): Stdio {
  const { stdio, id, program } = placement;
  if (pid !== undefined && program.type !== "lua") return loggedStdio(ports.log, { id, pid });
  return stdio === "log" ? loggedStdio(ports.log, { id }) : closedStdio;
}

/**
 * Settles as soon as the call is over for its caller, even if the guest swallows its cancellation: what the guest still
 * does then reaches nobody.
 */
function untilCanceled(result: Promise<Value>, context: CallContext, placement: Placement): Promise<Value> {
  const { promise, resolve, reject } = Promise.withResolvers<Value>();
  const timer = armTimer(context, placement);
  const link = context.cancellation.onCancel(reject);
  result.then(resolve, reject);
  return promise.finally(() => {
    clearTimeout(timer);
    link[Symbol.dispose]();
  });
}

function armTimer(context: CallContext, placement: Placement): NodeJS.Timeout | undefined {
  if (context.deadline === undefined) return undefined;
  const { cancellation } = context;
  return setTimeout(
    () => cancellation.cancel(timeoutError(placement)),
    Math.max(0, Math.ceil(context.deadline - monotonicMs())),
  );
}

/** The error of a call that ran out of time, naming the limit if it was the entry's own. */
export function timeoutError(placement: Pick<Placement, "id" | "limits">): WeftError {
  const { executionMs } = placement.limits;
  const limit = executionMs === undefined ? "its caller's deadline" : `its limit of ${executionMs} ms`;
  return new WeftError("CALL_TIMEOUT", `${placement.id} ran past ${limit}`, { details: { entry: placement.id } });
}
