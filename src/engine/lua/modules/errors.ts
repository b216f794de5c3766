import { isWireError, WeftError } from "../../../core/errors.ts";
import type { ErrorKind } from "../../../core/error-codes.ts";
import type { Value } from "../../../core/values.ts";
import type { LuaCall, Returned } from "../call.ts";
import { badArgument } from "../errors/raise.ts";
import type { LuaClass, LuaModule } from "../module.ts";

const kinds: readonly ErrorKind[] = [
  "NotFound",
  "AlreadyExists",
  "Invalid",
  "PermissionDenied",
  "Unavailable",
  "Internal",
  "Canceled",
  "Conflict",
  "Timeout",
  "RateLimited",
  "Unknown",
];

/** Kinds as programs see them: what nobody knows is empty. */
function shownKind(kind: ErrorKind): string {
  return kind === "Unknown" ? "" : kind;
}

function kindOf(text: Value | undefined, call: LuaCall<unknown>): ErrorKind {
  if (text === undefined || text === null || text === "") return "Unknown";
  const kind = kinds.find((known) => known === text);
  if (kind === undefined) throw badArgument(1, call.name, `no error kind is called ${JSON.stringify(text)}`);
  return kind;
}

/** `errors.wrap` keeps what it wraps as its cause and puts the context in front of its message. */
function innermost(error: WeftError): WeftError {
  const { cause } = error;
  const isWrapper =
    error.code === "GUEST_ERROR" && cause instanceof WeftError && error.message.endsWith(`: ${cause.message}`);
  return isWrapper ? innermost(cause) : error;
}

/** Where programs made errors that were not thrown yet. It is not the error's own stack, which grows as it is thrown. */
const madeAt = new WeakMap<WeftError, string>();

/** Frames of an error's place that are kept. */
const frameCount = 20;

function made(call: LuaCall<unknown>, error: WeftError): WeftError {
  madeAt.set(error, call.runtime.lua.frames(call.thread, frameCount).join("\n"));
  return error;
}

const stackOf = (error: WeftError): string => error.guestStack ?? madeAt.get(error) ?? "";

function create(call: LuaCall<unknown>): Returned {
  if (call.typeOf(1) !== "table") {
    return made(call, new WeftError("GUEST_ERROR", call.text(1), { retryable: null }));
  }
  const { message, kind, retryable, details } = call.record(1);
  const error = new WeftError("GUEST_ERROR", typeof message === "string" ? message : "", {
    kind: kindOf(kind, call),
    retryable: typeof retryable === "boolean" ? retryable : null,
    details: isDetails(details) ? details : {},
  });
  return made(call, error);
}

function isDetails(value: Value | undefined): value is Readonly<Record<string, Value>> {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Map) &&
    !isWireError(value)
  );
}

function wrap(call: LuaCall<unknown>): Returned {
  const inner = call.error(1) ?? new WeftError("GUEST_ERROR", call.text(1), { retryable: null });
  const { kind, retryable, details } = inner;
  const message = `${call.text(2)}: ${inner.message}`;
  return made(call, new WeftError("GUEST_ERROR", message, { kind, retryable, details, cause: inner }));
}

/** The frames of an error's stack, one table each. */
function callStack(call: LuaCall<unknown>): Returned {
  const error = call.error(1);
  if (error === undefined) return null;
  const frames = stackOf(error)
    .split("\n")
    .filter((line) => line !== "");
  return {
    thread: call.task.program.name,
    frames: frames.map((frame) => {
      const found = /^(.*):(\d+)$/.exec(frame);
      return found === null
        ? { source: frame, name: frame }
        : { source: found[1], line: Number(found[2]), name: frame };
    }),
  };
}

const self = (call: LuaCall<unknown>) => call.object(1, WeftError);

const errorClass: LuaClass<unknown> = {
  type: WeftError,
  methods: {
    kind: (call) => shownKind(self(call).kind),
    message: (call) => innermost(self(call)).message,
    retryable: (call) => self(call).retryable,
    details: (call) => (Object.keys(self(call).details).length === 0 ? null : self(call).details),
    stack: (call) => stackOf(self(call)),
  },
  meta: {
    __tostring: (call) => self(call).message,
    __concat: (call) => `${call.error(1)?.message ?? call.text(1)}${call.error(2)?.message ?? call.text(2)}`,
    __eq: (call) => {
      const [a, b] = [call.error(1), call.error(2)];
      return a !== undefined && b !== undefined && a.kind === b.kind && a.message === b.message && a.code === b.code;
    },
  },
};

/** Structured errors: made, wrapped and examined by programs; every fallible call returns one. */
export const errorsModule: LuaModule<unknown> = {
  name: "errors",
  always: true,
  classes: [errorClass],
  table: {
    NOT_FOUND: "NotFound",
    ALREADY_EXISTS: "AlreadyExists",
    INVALID: "Invalid",
    PERMISSION_DENIED: "PermissionDenied",
    UNAVAILABLE: "Unavailable",
    INTERNAL: "Internal",
    CANCELED: "Canceled",
    CONFLICT: "Conflict",
    TIMEOUT: "Timeout",
    RATE_LIMITED: "RateLimited",
    UNKNOWN: "",
    new: create,
    wrap,
    is: (call) => {
      const error = call.error(1);
      return error !== undefined && shownKind(error.kind) === (call.has(2) ? call.text(2) : "");
    },
    call_stack: callStack,
  },
};
