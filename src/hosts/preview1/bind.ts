import { type Fd, wasi } from "@bjorn3/browser_wasi_shim";
import type { InstanceContext } from "../context.ts";
import { errnoOf, fsCode } from "../io/system-errors.ts";
import { ownFunctions } from "./functions.ts";
import { Guest } from "./guest.ts";
import type { Preview1Parts } from "./parts.ts";
import { callUnsigned, openShim, type Preview1Function } from "./shim.seam.ts";
import { waitingFunctions } from "./waiting.ts";

/** Preview 1 for one instance of a core module. Disposing closes its files. */
export interface BoundPreview1 extends Disposable {
  /** The functions that were asked for, by name. */
  readonly imports: Readonly<Record<string, (...args: never[]) => unknown>>;
  /** Names of those that may give a promise: the guest must be linked so that it suspends then. */
  readonly suspending: ReadonlySet<string>;
  /** Gives the module's memory, exported or imported. Must come before the first call. */
  attach(memory: WebAssembly.Memory): void;
}

/**
 * Makes preview 1 for an instance of a module that imports `names`. Functions that may wait suspend only if they are
 * among the names and there is something to wait for, so a module that merely prints stays synchronous.
 */
export function bindPreview1With(
  parts: Preview1Parts,
  instance: InstanceContext,
  names: readonly string[],
): BoundPreview1 {
  const stack = new DisposableStack();
  stack.defer(() => parts.flushOutput(instance));
  const fds: Fd[] = parts.standardFds(instance);
  // Without this import a module cannot find out that it has directories.
  if (names.includes("fd_prestat_get")) fds.push(...stack.use(parts.preopenFds(instance)).fds);
  const env = Object.entries(instance.env).map(([name, value]) => `${name}=${value}`);
  const shim = openShim(instance.args, env, fds);
  const guest = new Guest(instance, parts, shim.fds);
  const functions: Readonly<Record<string, Preview1Function | undefined>> = {
    ...shim.functions,
    ...ownFunctions(guest),
    ...waitingFunctions(guest, shim.functions),
  };
  const { stdin, stdout, stderr } = instance.stdio;
  const canBeFull = stdout?.flow !== undefined || stderr?.flow !== undefined;
  const suspends = (name: string): boolean =>
    name === "poll_oneoff" || (name === "fd_read" && stdin !== undefined) || (name === "fd_write" && canBeFull);
  const imports = names.map((name) => {
    return [name, guard(functions[name] ?? (() => wasi.ERRNO_NOSYS))] as const;
  });
  return {
    imports: Object.fromEntries(imports),
    suspending: new Set(names.filter(suspends)),
    attach(memory) {
      shim.attach(memory);
      guest.attach(memory);
    },
    [Symbol.dispose]: () => stack.dispose(),
  };
}

/** Turns what a function throws into an error number; failures, exits and bugs pass through the guest. */
function guard(func: Preview1Function): (...args: (number | bigint)[]) => number | Promise<number> {
  return (...args) => {
    try {
      const result = callUnsigned(func, args);
      return result instanceof Promise ? result.catch(toErrno) : (result ?? wasi.ERRNO_SUCCESS);
    } catch (error) {
      return toErrno(error);
    }
  };
}

function toErrno(thrown: unknown): number {
  const code = fsCode(thrown);
  if (code !== undefined) return errnoOf(code);
  // A pointer or a length outside the memory. A stack overflow is a RangeError too, and not the guest's to handle.
  if (thrown instanceof RangeError && !thrown.message.includes("call stack")) return wasi.ERRNO_FAULT;
  throw thrown;
}
