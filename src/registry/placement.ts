import type { EntryId } from "../core/ids.ts";
import type { Limits } from "../core/limits.ts";
import type { LuaProgram } from "../engine/lua/program.ts";
import type { WasmProgram } from "../engine/wasm/program.ts";
import type { ImportLink } from "../hosts/funcs/link.ts";
import type { NetworkGrant } from "../hosts/sockets/rules.ts";
import type { WitFunction } from "../wit/types.ts";

/** What runs when an entry is placed on isolates: plain data that any isolate turns into a callable. */
export type Program = LuaProgram | WasmProgram;

/** How an entry's calls share instances. Resolved from the `pool` field by the rules of `spec/wasm.md` §5.1. */
export interface PoolSpec {
  readonly type: "inline" | "lazy" | "static" | "adaptive";
  /** Slots at start. */
  readonly minSlots: number;
  /** Calls that may be in flight at once; for `inline` there is no bound. */
  readonly maxSlots: number;
  /** Calls that may wait for a slot; one more is refused. Infinity when unbounded. */
  readonly queueLength: number;
  /** What a full pool does with a call: let it wait, or refuse it at once with `POOL_FULL`. */
  readonly onFull: "wait" | "reject";
  /** Name of a dedicated set of isolates, and how many; undefined shares the common ones. */
  readonly workerClass: { readonly name: string; readonly workers: number } | undefined;
  /** `fresh`: every call sees a new instance. `kept`: instances live on and keep their state. */
  readonly state: "fresh" | "kept";
}

/** What a wasm guest may see of the outside beyond its imports, resolved to data. */
export interface WasiGrants {
  readonly args: readonly string[];
  /** A command sees its words alone, and not its own name before them (components under `compat: wippy`). */
  readonly wordsAlone?: boolean;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Variables whose values are looked up at each execution. */
  readonly variables?: readonly VariableGrant[];
  readonly mounts: readonly MountGrant[];
  /** Which part of the network it reaches; without, all of it. */
  readonly network?: NetworkGrant;
  /** Where each instance's random numbers begin; without, they are secure. */
  readonly randomSeed?: bigint;
}

/** One variable of the app that a guest sees. */
export interface VariableGrant {
  /** The name that the guest knows. */
  readonly name: string;
  readonly id: EntryId;
  /** Without a value, the guest does not run. */
  readonly required: boolean;
}

/** One directory of the host that a guest sees. `path` is the real directory. */
export interface MountGrant {
  readonly guest: string;
  readonly filesystem: EntryId;
  readonly path: string;
  readonly readOnly: boolean;
}

/** Defaults for calls of an entry (`meta.options`), and what a caller may override. */
export interface CallOptions {
  readonly timeoutMs?: number;
  readonly retry?: RetryOptions;
}

/** When and how often a failed call is tried again; `spec/surface.md` §4.2. */
export interface RetryOptions {
  readonly maxAttempts: number;
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
  readonly backoffFactor: number;
  readonly jitter: number;
  readonly retryKinds: readonly string[];
  readonly skipKinds: readonly string[];
}

/** An entry as isolates know it: structured-clonable. */
export interface Placement {
  readonly id: EntryId;
  readonly kind: string;
  /** A function is called, a process is spawned, a library is only required. */
  readonly role: "function" | "process" | "library";
  readonly program: Program;
  /** The callee's WIT signature, when it has one: callers convert their values by it. */
  readonly signature: WitFunction | undefined;
  /** How a `result` that the function returns reaches Lua: two values, or one table (`compat: wippy`). */
  readonly resultForm: "pair" | "table";
  /** Granted capabilities, as written under `imports` (wasm). */
  readonly imports: readonly string[];
  /** Imported functions that other entries serve (wasm). */
  readonly links?: readonly ImportLink[];
  readonly wasi: WasiGrants;
  /**
   * Where its standard streams lead when it is called: nowhere without this; `log` writes what it prints to the log; a
   * `captured` command is called with its input and its words, and gives `{status, stdout, stderr}`.
   */
  readonly stdio?: "log" | "captured";
  /**
   * How a request reaches it that it answers for an http.endpoint: as arguments by its signature (`wasi-http`), or as the
   * request and the response of `wasi:http/incoming-handler`. Without, it has no arguments, and asks for the request.
   */
  readonly transport?: "wasi-http" | "incoming-handler";
  readonly limits: Limits;
  readonly pool: PoolSpec;
  readonly options: CallOptions;
  /** What becomes of functions and userdata that cross a call: an error, or nil (`compat: wippy`). Default: an error. */
  readonly strangers?: "fail" | "nil";
  /** The process host that runs this entry when it is called like a function. */
  readonly defaultHost: EntryId | undefined;
}
