import { monotonicMs } from "../../core/clock.ts";
import type { CallContext } from "../../core/context.ts";
import { WeftError } from "../../core/errors.ts";
import type { EntryId } from "../../core/ids.ts";
import type { Value } from "../../core/values.ts";
import { fromJco, toJco } from "../../engine/wasm/component/jco/values.seam.ts";
import { CanonicalImport } from "../../engine/wasm/core/canonical-import.ts";
import { camelCase } from "../../engine/wasm/component/names.ts";
import type { CoreFunctionType, InstanceImports } from "../../engine/wasm/program.ts";
import { generateReader } from "../../wit/values/compile.seam.ts";
import { compileResult } from "../../wit/values/arguments.ts";
import { javascriptReader } from "../../wit/values/javascript.ts";
import type { WitFunction, WitType } from "../../wit/types.ts";
import type { InstanceContext } from "../context.ts";
import { ResultError } from "../io/result-error.ts";
import { trustIn, type CalleeTypes } from "./link-types.ts";
import { failureTeller, type TellFailure } from "./failure.ts";

/** A function that a guest imports and another entry serves: plain data, checked when the app was loaded. */
export interface ImportLink {
  /** The interface without version, "" for a function of the world; for core modules, the module. */
  readonly from: string;
  /** The function's name there. */
  readonly name: string;
  readonly target: EntryId;
  /** As the guest imports it. */
  readonly type: LinkType;
}

/** What passes through a link. */
export type LinkType =
  | { readonly wit: WitFunction; readonly callee: CalleeTypes }
  /** Numbers, for core modules. */
  | { readonly core: CoreFunctionType }
  /** For core modules, values by the canonical ABI. */
  | { readonly lowered: WitFunction; readonly callee: CalleeTypes };

/** Timers may fire this much early, in milliseconds. */
const timerSlackMs = 2;

function isOver({ deadline = Infinity }: CallContext): boolean {
  return monotonicMs() >= deadline - timerSlackMs;
}

type Served = (instance: InstanceContext) => unknown;

/**
 * Makes the linked imports of instances; `linkedImports` once per program, what it returns once per instance. Calls go
 * through the dispatcher as the guest's own: its actor, scope, deadline and cancellation are inherited.
 */
export function linkedImports(links: readonly ImportLink[]): (instance: InstanceContext) => InstanceImports {
  const served = links.map((link) => ({ ...placeOf(link), serve: serve(link) }));
  return (instance) => {
    const imports: Record<string, Record<string, unknown>> = {};
    for (const { module, key, serve } of served) (imports[module] ??= {})[key] = serve(instance);
    return imports;
  };
}

/** Where engines look for a linked function. */
function placeOf({ from, name, type }: ImportLink): { readonly module: string; readonly key: string } {
  if (!("wit" in type)) return { module: from, key: name };
  return from === "" ? { module: name, key: "default" } : { module: from, key: camelCase(name) };
}

function serve(link: ImportLink): Served {
  const { type } = link;
  if ("lowered" in type) {
    const calls = callsOf(link, { wit: type.lowered, callee: type.callee }, (callee) =>
      loweredValues(link, { ...type, callee }),
    );
    return (instance) => new CanonicalImport(type.lowered, calls(instance));
  }
  const calls =
    "core" in type
      ? callsOf(link, undefined, () => coreValues(link, type.core))
      : callsOf(link, type, (callee) => witValues(link, { ...type, callee }));
  return (instance) => {
    const call = calls(instance);
    return (...given: readonly unknown[]) => call(given);
  };
}

/** What calls the entry that serves a link, for each instance. */
function callsOf<Given, Answer>(
  { target }: ImportLink,
  types: Extract<LinkType, { wit: WitFunction }> | undefined,
  passageOf: (callee: CalleeTypes) => Passage<Given, Answer>,
): (instance: InstanceContext) => (given: readonly Given[]) => Answer | Promise<Answer> {
  const isAsChecked = types === undefined ? () => false : trustIn(types, target);
  const { read, give, fail } = passageOf(types?.callee ?? "untyped");
  let careful: Passage<Given, Answer> | undefined;
  return (instance) => (given) => {
    const { call, ports } = instance;
    const checked = isAsChecked(ports.dispatcher) === true;
    const giveBack = (value: Value): Answer => {
      // The callee may have been replaced since the guest was loaded, or while it waited. One that is gone was as it began.
      if (types === undefined || (checked && isAsChecked(ports.dispatcher) !== false)) return give(value);
      careful ??= passageOf("untyped");
      return careful.give(value);
    };
    const failed = (thrown: unknown): Answer => {
      // The guest's own end is not its to handle; anything but a failure is a bug.
      if (!(thrown instanceof WeftError) || thrown === call.cancellation.reason) throw thrown;
      // A callee inherits the deadline, so its end may be told before the guest's own is.
      if (thrown.code === "CALL_TIMEOUT" && isOver(call)) throw thrown;
      return fail(thrown, instance.id);
    };
    let value: Value | Promise<Value>;
    try {
      value = ports.dispatcher.call({ id: target, args: read(given), checked, context: call });
    } catch (thrown) {
      return failed(thrown);
    }
    return value instanceof Promise ? value.then(giveBack, failed) : giveBack(value);
  };
}

/** How one function's values pass. */
interface Passage<Given = unknown, Answer = unknown> {
  /** The guest's arguments as the callee takes them. */
  readonly read: (given: readonly Given[]) => readonly Value[];
  /** The callee's result as the engine takes it. @throws ResultError for `err`. */
  readonly give: (value: Value) => Answer;
  /** Tells the guest that its callee failed, or ends it. */
  readonly fail: (error: WeftError, id: EntryId) => Answer;
}

function witValues(link: ImportLink, { wit, callee }: Extract<LinkType, { wit: WitFunction }>): Passage {
  const lifts = wit.params.map(({ type }) => fromJco(type));
  const read = (given: readonly unknown[]): Value[] => lifts.map((lift, index) => lift(given[index]));
  const { result } = wit;
  if (result?.kind === "result") {
    const readers = { same, ok: wrapOk, untyped: outcomeReader(link, wit, result) };
    return { read, ...resultValues(result, readers[callee], endingWith(link)) };
  }
  const canonical = callee === "untyped" ? compileResult(wit, { id: link.target }) : same;
  const lower = result === undefined ? () => undefined : toJco(result);
  return { read, give: (value) => lower(canonical(value)), fail: endingWith(link) };
}

/** The same for values that are canonical on both sides, of which an `err` is one. */
function loweredValues(
  link: ImportLink,
  { lowered: wit, callee }: Extract<LinkType, { lowered: WitFunction }>,
): Passage<Value, Value> {
  const read = (given: readonly Value[]) => given;
  const { result } = wit;
  if (result?.kind !== "result") {
    return {
      read,
      give: callee === "untyped" ? compileResult(wit, { id: link.target }) : same,
      fail: endingWith(link),
    };
  }
  const give = { same, ok: wrapOk, untyped: outcomeReader(link, wit, result) }[callee];
  const tell = failureTeller(result.err);
  const check = result.err === undefined ? undefined : generateReader(javascriptReader, result.err);
  const end = endingWith(link);
  return {
    read,
    give,
    fail(error, id) {
      const told = tell?.(error);
      if (told === undefined) return end(error, id);
      return { err: check === undefined ? true : check(told) };
    },
  };
}

function same(value: Value): Value {
  return value;
}

function wrapOk(value: Value): Value {
  return { ok: value };
}

type ResultType = Extract<WitType, { kind: "result" }>;

/** Of a callee without types: its value is the `ok`, unless it says `{ok = …}` or `{err = …}` itself. */
function outcomeReader(link: ImportLink, wit: WitFunction, result: ResultType): (value: Value) => Value {
  const { result: _result, ...rest } = wit;
  const explicit = compileResult(wit, { id: link.target });
  const readOk = compileResult(result.ok === undefined ? rest : { ...rest, result: result.ok }, { id: link.target });
  return (value) => (isOutcome(value) ? explicit(value) : { ok: result.ok === undefined ? true : readOk(value) });
}

function isOutcome(value: Value): boolean {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array || Array.isArray(value)) return false;
  const names = Object.keys(value);
  return names.length === 1 && (names[0] === "ok" || names[0] === "err");
}

function resultValues(
  { ok, err }: ResultType,
  outcome: (value: Value) => Value,
  end: Passage["fail"],
): Pick<Passage, "give" | "fail"> {
  const lowerOk = ok === undefined ? () => undefined : toJco(ok);
  const lowerErr = err === undefined ? () => undefined : toJco(err);
  const tell: TellFailure | undefined = failureTeller(err);
  // What a callee calls its failure must be of the type too, however it was made.
  const check = err === undefined ? undefined : generateReader(javascriptReader, err);
  return {
    give(value) {
      const settled = outcome(value);
      if (typeof settled !== "object" || settled === null) throw new Error("a result is neither ok nor err");
      if ("err" in settled) throw new ResultError(lowerErr(settled.err));
      return "ok" in settled ? lowerOk(settled.ok) : undefined;
    },
    fail(error, id) {
      const told = tell?.(error);
      if (told === undefined) return end(error, id);
      throw new ResultError(lowerErr(check === undefined ? told : check(told)));
    },
  };
}

/** Guests that call each other each add to the message of what ended the innermost: its beginning and end are what matters. */
const keptStart = 150;
const keptEnd = 300;

function middleCut(message: string): string {
  if (message.length <= keptStart + keptEnd) return message;
  return `${message.slice(0, keptStart)} … ${message.slice(-keptEnd)}`;
}

/** Ends the guest with its callee's failure, which says who called whom. */
function endingWith(link: ImportLink): (error: WeftError, id: EntryId) => never {
  const what = link.from === "" ? link.name : `${link.name} of ${link.from}`;
  return (error, id) => {
    const { code, kind, retryable, details, guestStack } = error;
    throw new WeftError(
      code,
      `${id}: its import ${what}, served by ${link.target}, failed: ${middleCut(error.message)}`,
      {
        cause: error,
        kind,
        retryable,
        details: { ...details, import: what, callee: link.target },
        ...(guestStack === undefined ? {} : { guestStack }),
      },
    );
  };
}

/** A message shows so much of a value. */
const shownLength = 100;

function shortened(text: string): string {
  return text.length <= shownLength ? text : `${text.slice(0, shownLength)}…`;
}

function coreValues(link: ImportLink, { results }: CoreFunctionType): Passage {
  const [kind] = results;
  const refuse = (value: Value): never => {
    const message = `${link.target} gave ${typeof value === "object" ? "no number" : shortened(String(value))} for the import ${link.name}, which wants ${kind}`;
    throw new WeftError("INVALID_RESULT", message, { details: { callee: link.target } });
  };
  return {
    read: (given) => given.map(toNumber),
    give(value) {
      if (kind === undefined) return undefined;
      if (typeof value === "boolean") return kind === "i64" ? BigInt(value) : Number(value);
      if (typeof value !== "number" && typeof value !== "bigint") return refuse(value);
      if (kind === "f32" || kind === "f64") return Number(value);
      if (typeof value === "number" && !Number.isSafeInteger(value)) return refuse(value);
      if (kind === "i64") return BigInt.asIntN(64, BigInt(value));
      return value >= -(2 ** 31) && value < 2 ** 32 ? Number(value) | 0 : refuse(value);
    },
    fail: endingWith(link),
  };
}

function toNumber(given: unknown): Value {
  if (typeof given === "bigint")
    return BigInt(Number(given)) === given && Number.isSafeInteger(Number(given)) ? Number(given) : given;
  return typeof given === "number" ? given : 0;
}
