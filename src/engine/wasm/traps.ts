import type { ErrorCode } from "../../core/error-codes.ts";
import { toWeftError, WeftError } from "../../core/errors.ts";
import { GuestExit } from "../../core/exit.ts";
import { carriedBy } from "./uncatchable.ts";

/** What a backtrace needs to name a guest's functions. */
export interface TrapSource {
  /** The entry's id. */
  readonly name: string;
  /** Names for functions that the name section does not name, by index. */
  readonly functionNames?: Readonly<Record<number, string>>;
}

/** V8's messages (`spec/limits.md` §4); the first that fits decides. */
const traps: readonly (readonly [message: RegExp, code: ErrorCode])[] = [
  [/^unreachable/, "TRAP_UNREACHABLE"],
  [/memory access out of bounds|data segment .*out of bounds/, "TRAP_MEMORY_OUT_OF_BOUNDS"],
  [
    /table index is out of bounds|table access out of bounds|element segment .*out of bounds/,
    "TRAP_TABLE_OUT_OF_BOUNDS",
  ],
  [/function signature mismatch|null function or function signature/, "TRAP_INDIRECT_CALL_TYPE"],
  [/divide by zero|remainder by zero/, "TRAP_DIVIDE_BY_ZERO"],
  [/divide result unrepresentable/, "TRAP_INTEGER_OVERFLOW"],
  [/float unrepresentable in integer range/, "TRAP_BAD_CONVERSION"],
  [/dereferencing a null pointer/, "TRAP_NULL_REFERENCE"],
  [/illegal cast/, "TRAP_BAD_CAST"],
  [/array element access out of bounds|requested new array is too large/, "TRAP_ARRAY_OUT_OF_BOUNDS"],
  [/unaligned accesses/, "TRAP_UNALIGNED"],
  [/Atomics\.wait cannot be called/, "TRAP_CANNOT_SUSPEND"],
];

/**
 * What callers are told about something thrown out of a guest. Failures and `GuestExit` stay themselves; a trap gets
 * its code and the guest's stack; anything else is a bug.
 */
export function translateTrap(trap: unknown, source: TrapSource): WeftError | GuestExit {
  const thrown = carriedBy(trap);
  if (thrown instanceof WeftError || thrown instanceof GuestExit) return thrown;
  const code = codeOf(thrown);
  const stack = Error.isError(thrown) ? guestStack(thrown.stack ?? "", source) : "";
  const options = { cause: thrown, ...(stack === "" ? {} : { guestStack: stack }) };
  if (code === undefined) return new WeftError("INTERNAL", `${source.name}: ${toWeftError(thrown).message}`, options);
  return new WeftError(code, `${source.name}: ${describe(thrown, code)}`, options);
}

function codeOf(thrown: unknown): ErrorCode | undefined {
  if (isGuestException(thrown)) return "TRAP_GUEST_EXCEPTION";
  if (!Error.isError(thrown)) return undefined;
  const { name, message } = thrown;
  // Names, not classes (and `isError`, not `instanceof`): a guest may run in a realm of its own.
  if (name === "SuspendError") return "TRAP_CANNOT_SUSPEND";
  if (name === "RangeError" && /Maximum call stack/.test(message)) return "STACK_OVERFLOW";
  if (name === "RangeError" && /allocate|Out of memory/i.test(message)) return "MEMORY_EXCEEDED";
  if (name !== "RuntimeError") return undefined;
  return traps.find(([pattern]) => pattern.test(message))?.[1] ?? "TRAP_INVALID_VALUE";
}

function isGuestException(thrown: unknown): boolean {
  return Object.prototype.toString.call(thrown) === "[object WebAssembly.Exception]";
}

function describe(thrown: unknown, code: ErrorCode): string {
  if (code === "TRAP_GUEST_EXCEPTION") return "an exception of the guest was not caught";
  if (code === "STACK_OVERFLOW") return "the guest's stack overflowed";
  const message = Error.isError(thrown) ? thrown.message : String(thrown);
  return code.startsWith("TRAP_") ? `trap: ${message}` : message;
}

const frame = /at (?:async )?(?:(.+) \()?wasm:\/\/wasm\/(?:(.+)-)?[0-9a-f]+:wasm-function\[(\d+)\]/;

/** The wasm frames of a JavaScript stack, innermost first, as `entry.function`. */
function guestStack(stack: string, source: TrapSource): string {
  const lines: string[] = [];
  for (const line of stack.split("\n")) {
    const found = frame.exec(line);
    if (found === null) continue;
    const [, label, module, index = "0"] = found;
    lines.push(
      `${source.name}.${functionName(label, module) ?? source.functionNames?.[Number(index)] ?? `[${index}]`}`,
    );
  }
  return lines.join("\n");
}

/** V8 writes `module.function`, only the module when the function has no name, only the function in a nameless module. */
function functionName(label: string | undefined, module: string | undefined): string | undefined {
  if (label === undefined || label === module) return undefined;
  return module !== undefined && label.startsWith(`${module}.`) ? label.slice(module.length + 1) : label;
}
