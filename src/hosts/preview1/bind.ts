import { type Fd, wasi } from "@bjorn3/browser_wasi_shim";
import type { CoreImport } from "../../engine/wasm/program.ts";
import type { InstanceContext } from "../context.ts";
import { IoError } from "../io/io-error.ts";
import { errnoOf } from "../io/system-errors.ts";
import { ownFunctions } from "./functions.ts";
import { Guest } from "./guest.ts";
import type { Preview1Parts } from "./parts.ts";
import { needsOf } from "./rights.ts";
import { callUnsigned, openShim, type Preview1Function } from "./shim.seam.ts";
import {
  alwaysWaiting,
  type Preview1Import,
  preview1Imports,
  preview1Module,
  type Preview1Name,
  unstableModule,
} from "./signatures.ts";
import { unstableFunctions } from "./unstable.ts";
import { waitingFunctions } from "./waiting.ts";

type Imports = Readonly<Record<string, (...args: never[]) => unknown>>;

/** Preview 1 for one instance of a core module. Disposing closes its files. */
export interface BoundPreview1 extends Disposable {
  /** The functions that were asked for, by module and name. */
  readonly imports: Readonly<Record<string, Imports>>;
  /** Names of those that may give a promise: the guest must be linked so that it suspends then. */
  readonly suspending: ReadonlySet<string>;
  /** Gives the module's memory, exported or imported. Must come before the first call that needs it. */
  attach(memory: WebAssembly.Memory): void;
}

/**
 * Makes preview 1 for an instance of a module with these imports. Functions that may wait suspend only if they are
 * among them and there is something to wait for, so a module that merely prints stays synchronous. What preview 1 does
 * not have, or has with another type, is left out.
 */
export function bindPreview1With(
  parts: Preview1Parts,
  instance: InstanceContext,
  imports: readonly CoreImport[],
): BoundPreview1 {
  const wanted = preview1Imports(imports);
  const names = new Set(wanted.map(({ name }) => name));
  const stack = new DisposableStack();
  stack.defer(() => parts.flushOutput(instance));
  const fds: Fd[] = parts.standardFds(instance);
  // Without this import a module cannot find out that it has directories.
  if (names.has("fd_prestat_get")) fds.push(...stack.use(parts.preopenFds(instance)).fds);
  const guest: Guest = new Guest(instance, parts, fds);
  const shim = openShim({ args: instance.args, env: environment(instance), fds, memory: () => guest.memory });
  const functions: Functions = { ...shim, ...ownFunctions(guest), ...waitingFunctions(guest) };
  const unstable: Functions = { ...functions, ...unstableFunctions(guest) };
  return {
    imports: {
      [preview1Module]: bindAll(
        guest,
        wanted.filter((each) => !each.unstable),
        functions,
      ),
      [unstableModule]: bindAll(
        guest,
        wanted.filter((each) => each.unstable),
        unstable,
      ),
    },
    suspending: suspendingNames(instance, names),
    attach: (memory) => guest.attach(memory),
    [Symbol.dispose]: () => stack.dispose(),
  };
}

type Functions = Readonly<Record<string, Preview1Function | undefined>>;

/** Programs that ask for their working directory this way (Go) find it. */
function environment({ env, cwd, mounts }: InstanceContext): readonly string[] {
  const isKnown = cwd !== "" && cwd !== "/" && mounts.length > 0;
  const known = isKnown ? { PWD: cwd, ...env } : env;
  return Object.entries(known).map(([name, value]) => `${name}=${value}`);
}

function suspendingNames({ stdio }: InstanceContext, names: ReadonlySet<Preview1Name>): ReadonlySet<string> {
  const canBeFull = stdio.stdout?.flow !== undefined || stdio.stderr?.flow !== undefined;
  const suspends: Partial<Record<Preview1Name, boolean>> = {
    fd_read: stdio.stdin !== undefined,
    fd_write: canBeFull,
  };
  return new Set([...names].filter((name) => alwaysWaiting.has(name) || suspends[name]));
}

function bindAll(guest: Guest, wanted: readonly Preview1Import[], functions: Functions): Imports {
  const bound = wanted.map(({ name }) => [name, guard(guest, name, functions[name] ?? (() => wasi.ERRNO_NOSYS))]);
  return Object.fromEntries(bound);
}

type Guarded = (...args: (number | bigint)[]) => number | Promise<number>;

/**
 * Refuses what the guest has given up the right to, and turns what a function throws into an error number; failures,
 * exits and bugs pass through the guest.
 */
function guard(guest: Guest, name: Preview1Name, func: Preview1Function): Guarded {
  const needs = needsOf(name);
  return (...args) => {
    try {
      if (needs.some(({ argument, right }) => isWithheld(guest, args[argument], right))) return wasi.ERRNO_NOTCAPABLE;
      const result = callUnsigned(func, args);
      return result instanceof Promise ? result.catch(toErrno) : (result ?? wasi.ERRNO_SUCCESS);
    } catch (error) {
      return toErrno(error);
    }
  };
}

/** False for what is no descriptor of ours: that is for the function to find out. */
function isWithheld(guest: Guest, fd: number | bigint | undefined, right: bigint): boolean {
  const withheld = typeof fd === "number" ? guest.withheld(fd) : 0n;
  return withheld !== 0n && (withheld & right) !== 0n;
}

function toErrno(thrown: unknown): number {
  const errno = errnoOf(thrown);
  if (errno !== undefined) return errno;
  if (thrown instanceof IoError) return wasi.ERRNO_IO;
  // A pointer or a length outside the memory. A stack overflow is a RangeError too, and not the guest's to handle.
  if (thrown instanceof RangeError && !thrown.message.includes("call stack")) return wasi.ERRNO_FAULT;
  throw thrown;
}
