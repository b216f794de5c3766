import { collectGarbage, type CollectOptions } from "../core/collect.ts";
import { Cancellation, canceled } from "../core/cancellation.ts";
import { rootContext, type Actor, type Scope } from "../core/context.ts";
import { WeftError } from "../core/errors.ts";
import type { EntryId } from "../core/ids.ts";
import { silentLog, type Log } from "../core/log.ts";
import type { CallReport } from "../core/report.ts";
import { toValue, type Value } from "../core/values.ts";
import type { BusEvent } from "../hosts/events/service.ts";
import type { EntryView } from "../hosts/ports.ts";
import type { Diagnostic } from "../registry/diagnostic.ts";
import { MemoryHistory, type History } from "../registry/live/history.ts";
import { ControlPlane } from "../runtime/control/control.ts";
import { defaultIsolates } from "../runtime/control/threads.ts";
import type { ServiceState } from "../runtime/supervisor/service.ts";
import { Supervisor } from "../runtime/supervisor/supervisor.ts";
import type { WitFunction } from "../wit/types.ts";
import { loadApp, type LoadedApp, type LoadOptions } from "./app.ts";
import type { AppConfig } from "./config.ts";
import { Deployment } from "./deployment.ts";
import { LiveRegistry } from "./live.ts";
import { logWithEvents } from "./log-events.ts";
import { registryKeeper } from "./registry-keeper.ts";
import { StdinReader } from "./stdin.ts";

/** How to run an app. */
export interface RuntimeOptions {
  /** The app's folder, or one below it. */
  readonly app: string;
  /** Threads for guests; 0 runs them in the calling thread. Default: what `weft.yaml` says, else one a core. */
  readonly isolates?: number;
  readonly log?: Log;
  /** Refuse to start while any entry has an error. */
  readonly strict?: boolean;
  readonly progress?: LoadOptions["progress"];
  /**
   * A program of the app asks for its end, with an exit code (`system.exit` in Lua). The runtime goes on until you dispose
   * it, and your process is yours. Default: such a program is told that it cannot.
   */
  readonly onExit?: (code: number) => void;
}

/** What one call may say beyond its arguments. */
export interface CallWith {
  /** The call fails with `CALL_TIMEOUT` after this many milliseconds. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly actor?: Actor;
  readonly scope?: Scope;
  /** Request context: `ctx.get(key)` in Lua. */
  readonly values?: Readonly<Record<string, Value>>;
  /** Hears what the call was held to and what it used, just before it ends, whichever way. */
  readonly onReport?: (report: CallReport) => void;
}

/**
 * Boots an app: loads and compiles its entries, starts its isolates.
 * @throws WeftError when there is no app, or `strict` and an entry has an error.
 */
export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const log = options.log ?? silentLog;
  if (typeof options.app !== "string") {
    throw new WeftError(
      "INVALID_ARGUMENT",
      'createRuntime needs the app\'s folder: createRuntime({ app: "./my-app" })',
    );
  }
  const app = await loadApp(options.app, {
    log,
    ...(options.progress === undefined ? {} : { progress: options.progress }),
  });
  const errors = app.diagnostics.filter((diagnostic) => diagnostic.severity === "error");
  if (options.strict === true && errors.length > 0) {
    throw new WeftError("ENTRY_FAILED", `the app has ${errors.length} errors, the first: ${errors[0]?.message}`);
  }
  const { isolates, onExit } = options;
  return await startApp(app, { log, onExit, ...(isolates === undefined ? {} : { isolates }) });
}

/** How to run an app that was loaded; see `RuntimeOptions`. */
interface StartOptions {
  readonly isolates?: number;
  readonly log?: Log;
  readonly onExit?: RuntimeOptions["onExit"] | undefined;
}

/** Runs an app that was loaded. */
export async function startApp(app: LoadedApp, options: StartOptions = {}): Promise<Runtime> {
  const { logEvents, memoryLimitBytes } = app.config;
  const isolates = options.isolates ?? app.config.isolates ?? defaultIsolates();
  let bus: ControlPlane["services"] | undefined;
  const tell = (event: BusEvent): void => void bus?.ask({ service: "events", request: { do: "send", ...event } });
  const given = options.log ?? silentLog;
  const log = logEvents === undefined ? given : logWithEvents(given, logEvents, tell);
  const stdin = new StdinReader();
  const control = await ControlPlane.start({
    isolates,
    // Threads of worker classes get as much as one of these.
    heapBytes: memoryLimitBytes && memoryLimitBytes / Math.max(isolates, 1),
    luaEngine: app.config.luaEngine,
    log,
    registry: {
      get: async (id) => registry.app.registry.view(id),
      find: async (filter) => registry.find(filter),
    },
    services: {
      registry: registryKeeper(() => registry),
      app: {
        supervision: { state: (id) => supervisor.state(id), states: () => supervisor.states },
        exit: options.onExit,
      },
    },
    readStdin: (limit) => stdin.read(limit),
  });
  bus = control.services;
  const supervisor = createSupervisor(control, log);
  const deployment = new Deployment(app, { control, supervisor });
  const registry = new LiveRegistry({ deployment, history: await openHistory(app.config), log });
  registry.onEvent(tell);
  const runtime = new Runtime({ control, stdin, supervisor, registry });
  try {
    await supervisor.startAll();
  } catch (error) {
    await runtime[Symbol.asyncDispose]();
    throw error;
  }
  return runtime;
}

/** A file only where the configuration names one: SQLite is not loaded otherwise. */
async function openHistory({ history }: AppConfig): Promise<History> {
  if (history.type === "memory") return new MemoryHistory(history.versions);
  const { SqliteHistory } = await import("../registry/live/sqlite-history.ts");
  return new SqliteHistory(history.path);
}

function createSupervisor(control: ControlPlane, log: Log): Supervisor {
  return new Supervisor({
    log,
    tools: ({ actor, scope }) => ({
      log,
      http: control.services.http,
      runtime: control,
      ask: async (request) => await control.services.ask(request),
      policies: control.policies,
      spawn: (request) => control.processes.spawnSupervised({ ...request, context: rootContext({ actor, scope }) }),
      correspond: (host, ears) => control.processes.correspond(host, ears),
    }),
  });
}

/** What a runtime is made of. */
interface RuntimeParts {
  readonly control: ControlPlane;
  readonly stdin: StdinReader;
  readonly supervisor: Supervisor;
  readonly registry: LiveRegistry;
}

/** A running app. Dispose it (`await using`) to stop its threads. */
export class Runtime implements AsyncDisposable {
  /** The app's entries, which can change while it runs. */
  readonly registry: LiveRegistry;
  readonly #control: ControlPlane;
  readonly #stdin: StdinReader;
  readonly #supervisor: Supervisor;
  #stopped: Promise<void> | undefined;

  /** Use `createRuntime`. */
  constructor({ control, stdin, supervisor, registry }: RuntimeParts) {
    this.registry = registry;
    this.#control = control;
    this.#stdin = stdin;
    this.#supervisor = supervisor;
  }

  /** The app as it is now. */
  get app(): LoadedApp {
    return this.registry.app;
  }

  /** How each service of the app is. */
  get services(): readonly ServiceState[] {
    return this.#supervisor.states;
  }

  /** Every problem found while the app was loaded. */
  get diagnostics(): readonly Diagnostic[] {
    return this.app.diagnostics;
  }

  /**
   * Calls a function by its id. Arguments are JavaScript values of the callee's WIT types (or plain data for Lua); the
   * result is in the canonical form of WIT values: a `result` is `{ok}` or `{err}`, a record a plain object.
   * @throws WeftError every failure, with its code and kind.
   */
  async call(id: EntryId, ...args: readonly unknown[]): Promise<Value> {
    return await this.callWith(id, args);
  }

  /** Calls a function with a timeout, a signal, an identity or request values. */
  async callWith(id: EntryId, args: readonly unknown[], options: CallWith = {}): Promise<Value> {
    this.#checkRunning(id);
    const { timeoutMs, signal, actor, scope, values = {}, onReport } = options;
    const cancellation = new Cancellation();
    const abort = (): void => cancellation.cancel(canceled());
    if (signal?.aborted === true) abort();
    signal?.addEventListener("abort", abort, { once: true });
    // Copied: decisions about an actor are remembered, and a caller may change its own object.
    const context = rootContext({ cancellation, actor: structuredClone(actor), scope, values, report: onReport });
    try {
      const overrides = timeoutMs === undefined ? {} : { overrides: { timeoutMs } };
      return await this.#control.dispatcher.call({ id, ...this.#arguments(id, args), context, ...overrides });
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /**
   * Runs a process entry on a host to its end and gives its result. When `signal` aborts, the process gets a CANCEL event
   * and ends by itself within the app's `shutdown.timeout`, or is ended; at once, if it does not listen for events.
   */
  async exec(id: EntryId, host: EntryId, args: readonly unknown[], signal?: AbortSignal): Promise<Value> {
    this.#checkRunning(id);
    const cancellation = new Cancellation();
    const abort = (): void => cancellation.cancel(canceled("process terminated"));
    signal?.addEventListener("abort", abort, { once: true });
    try {
      const context = rootContext({ cancellation });
      const request = { id, host, ...this.#arguments(id, args), context, monitor: false };
      return await this.#control.processes.exec(request, this.app.config.shutdownMs);
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /** From the beginning of its disposal on a runtime takes no calls: nobody would answer them. */
  #checkRunning(id: EntryId): void {
    if (this.#stopped === undefined) return;
    throw new WeftError("POOL_CLOSED", `${id} cannot be called: the runtime has been disposed of`);
  }

  /** Arguments by the callee's signature where it has one, else plain data. */
  #arguments(id: EntryId, args: readonly unknown[]): { args: readonly Value[]; checked: boolean } {
    const read = this.#control.find(id)?.readArguments(args);
    return { args: read ?? args.map((argument, index) => toValue(argument, `argument ${index + 1}`)), checked: true };
  }

  /** A callee's WIT signature, or undefined when it has none. */
  signature(id: EntryId): WitFunction | undefined {
    return this.#control.dispatcher.describe(id)?.signature;
  }

  /** An entry as programs see it. @throws WeftError `ENTRY_NOT_FOUND`. */
  get(id: EntryId): EntryView {
    return this.app.registry.view(id);
  }

  /** Entries that match a filter such as `{ "meta.type": "test" }`. */
  find(filter: Readonly<Record<string, Value>>): readonly EntryView[] {
    return this.app.registry.find(filter);
  }

  /** Has every thread collect its garbage: for measurements, under `--expose-gc`. */
  collectGarbage(options: CollectOptions = {}): void {
    collectGarbage(options);
    this.#control.collectGarbage(options);
  }

  /** Calls in flight, by isolate. */
  get loads(): readonly number[] {
    return this.#control.loads;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (this.#stopped ??= this.#stop());
  }

  async #stop(): Promise<void> {
    await this.#supervisor[Symbol.asyncDispose]();
    this.#stdin[Symbol.dispose]();
    await this.#control[Symbol.asyncDispose]();
    this.registry[Symbol.dispose]();
  }
}
