import { Cancellation } from "./cancellation.ts";
import { decodeRequest, encodeRequest, type HttpRequest, type WireRequest } from "./http.ts";
import type { CallReport } from "./report.ts";
import type { Value } from "./values.ts";

/** Who acts: a stable id and data about it. Never changed: decisions about it are remembered. */
export interface Actor {
  readonly id: string;
  readonly meta: Readonly<Record<string, Value>>;
}

/** What the actor may do: the ids of the policies in force, and the groups whose policies are. */
export interface Scope {
  readonly policies: readonly string[];
  /** Groups are resolved when a decision is made, so that a policy which joins one counts at once. */
  readonly groups?: readonly string[];
}

/** W3C trace context (https://www.w3.org/TR/trace-context/). */
export interface Trace {
  readonly traceId: string;
  readonly spanId: string;
}

/** What a call inherits from its caller. Immutable; a child is derived, never changed. */
export interface CallContext {
  readonly actor: Actor | undefined;
  readonly scope: Scope | undefined;
  /** Request context: `ctx.get(key)` in Lua. */
  readonly values: Readonly<Record<string, Value>>;
  /** When the call must be over, on `monotonicMs()`. A child's is never later than its parent's. */
  readonly deadline: number | undefined;
  readonly cancellation: Cancellation;
  readonly trace: Trace | undefined;
  /** How many calls are above this one. */
  readonly depth: number;
  /** Number of the call at the root of this tree, unique in the process: the unit that dies when an isolate must end. */
  readonly root: number;
  /** Rows of the pools in which the calls above hold slots, the nearest last; a pool that is full may know one of its own. */
  readonly held?: readonly number[] | undefined;
  /** Pid of the process or function that makes calls in this context, or empty outside of any. */
  readonly pid: string;
  /** The HTTP request that the call answers; the calls that it makes do not see it. */
  readonly request?: HttpRequest | undefined;
  /** Hears what the call came to, when somebody asked for it. */
  readonly report?: ReportSink | undefined;
}

/** Hears a report when its call ends, whichever way. */
export type ReportSink = (report: CallReport) => void;

/**
 * The context without what cannot be cloned, which is re-made on the other side. Names of fields would take as long to
 * cross as what they name, so what most calls have has a place, and only the rest has names.
 */
export type WireContext = readonly [
  depth: number,
  root: number,
  held: readonly number[] | undefined,
  request: WireRequest | undefined,
  more?: Partial<Pick<CallContext, "actor" | "scope" | "values" | "deadline" | "trace" | "pid">> & {
    readonly reports?: true;
  },
];

const noValues: CallContext["values"] = Object.freeze({});

let lastRoot = 0;

/** A number for a call that nobody in Weft made: from the CLI, TypeScript, HTTP or a service. Control plane only. */
export function nextRoot(): number {
  lastRoot += 1;
  return lastRoot;
}

/** The context of a call from outside. */
export function rootContext(overrides: Partial<CallContext> = {}): CallContext {
  return {
    actor: undefined,
    scope: undefined,
    values: noValues,
    deadline: undefined,
    cancellation: new Cancellation(),
    trace: undefined,
    depth: 0,
    root: overrides.root ?? nextRoot(),
    pid: "",
    ...overrides,
  };
}

/** A callee's context: everything inherited but what `overrides` says; the earlier of two deadlines holds. */
export function childContext(parent: CallContext, overrides: Partial<CallContext> = {}): CallContext {
  return {
    ...parent,
    ...overrides,
    depth: parent.depth + 1,
    root: parent.root,
    // Both are of the call that came from outside, not of the calls below it.
    request: parent.depth === 0 ? parent.request : undefined,
    report: parent.depth === 0 ? parent.report : undefined,
    deadline: earlier(parent.deadline, overrides.deadline),
  };
}

/** The context of a callee that holds a slot of a pool. */
export function holdingContext(parent: CallContext, row: number): CallContext {
  return childContext(parent, { held: parent.held === undefined ? [row] : [...parent.held, row] });
}

/** The earlier of two deadlines; undefined is no deadline. */
export function earlier(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b;
  if (b === undefined) return a;
  return Math.min(a, b);
}

/** The part of a context that crosses threads. */
export function encodeContext(context: CallContext): WireContext {
  const { actor, scope, values, deadline, trace, depth, root, held, pid, report } = context;
  const request = context.request && encodeRequest(context.request);
  const more: { -readonly [Name in keyof NonNullable<WireContext[4]>]: NonNullable<WireContext[4]>[Name] } = {};
  if (actor !== undefined) more.actor = actor;
  if (scope !== undefined) more.scope = scope;
  if (!isEmpty(values)) more.values = values;
  if (deadline !== undefined) more.deadline = deadline;
  if (trace !== undefined) more.trace = trace;
  if (pid !== "") more.pid = pid;
  if (report !== undefined) more.reports = true;
  return isEmpty(more) ? [depth, root, held, request] : [depth, root, held, request, more];
}

function isEmpty(record: object): boolean {
  for (const name in record) if (Object.hasOwn(record, name)) return false;
  return true;
}

const nothing: NonNullable<WireContext[4]> = {};

/** Whether somebody on the other side wants to know what the call comes to. */
export function wantsReport([, , , , more]: WireContext): boolean {
  return more?.reports === true;
}

/** The context on the other side of a hop, with a cancellation and a report of its own. */
export function decodeContext(wire: WireContext, cancellation: Cancellation, report?: ReportSink): CallContext {
  const [depth, root, held, sent, more = nothing] = wire;
  const { actor, scope, values = noValues, deadline, trace, pid = "" } = more;
  const request = sent && decodeRequest(sent);
  return { actor, scope, values, deadline, cancellation, trace, depth, root, held, pid, request, report };
}
