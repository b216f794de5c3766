import { WeftError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { Turns } from "../../hosts/http/turns.ts";
import { ControlPlane } from "../../runtime/control/control.ts";
import { type HttpListener, listen } from "../server.ts";
import type { ServerSettings } from "../settings.ts";
import { Metrics } from "../operations/metrics.ts";
import { createServeApp } from "./app.ts";
import { serveDirect } from "./direct.ts";
import { ModuleLibrary, type LibraryParts } from "./library.ts";
import type { ModuleSettings } from "./settings.ts";

/** What `weft serve` was told. */
export interface ServeOptions {
  readonly directory: string;
  readonly server: ServerSettings;
  readonly modules: ModuleSettings;
  /** Threads for guests. */
  readonly isolates: number;
  readonly log: Log;
  readonly changed?: LibraryParts["changed"];
}

/** A folder that is served. Dispose it, or stop it with time for requests in flight. */
export interface ServedFolder extends AsyncDisposable {
  readonly url: string;
  readonly library: ModuleLibrary;
  /** Takes no more requests; those in flight have until the deadline. */
  stop(deadlineMs: number): Promise<void>;
}

/**
 * Serves the modules of a folder.
 * @throws WeftError `FILE_NOT_FOUND`, `LISTEN_FAILED`.
 */
export async function serveFolder(options: ServeOptions): Promise<ServedFolder> {
  const { directory, server: settings, modules, isolates, log, changed } = options;
  await using stack = new AsyncDisposableStack();
  const control = stack.use(await startControl(isolates, log));
  const library = stack.use(
    await ModuleLibrary.open({ directory, settings: modules, control, ...(changed && { changed }) }),
  );
  const metrics = stack.use(new Metrics(control));
  let isStopping = false;
  const parts = {
    library,
    control,
    metrics,
    turns: new Turns(),
    bodyBytes: settings.limits.bodyBytes,
    log,
    isStopping: () => isStopping,
  };
  const app = createServeApp(parts);
  const listener: HttpListener = await listen({
    settings,
    answers: { fetch: (request, env) => app.fetch(request, env), direct: serveDirect(parts) },
    log,
  });
  stack.defer(() => listener.stop(0));
  const held = stack.move();
  return {
    url: listener.url,
    library,
    async stop(deadlineMs) {
      isStopping = true;
      await listener.stop(deadlineMs);
      await held.disposeAsync();
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** The runtime of modules without an app: no entries but what is placed. */
export async function startControl(isolates: number, log: Log): Promise<ControlPlane> {
  return await ControlPlane.start({
    isolates,
    log,
    registry: {
      get: (id) => Promise.reject(new WeftError("ENTRY_NOT_FOUND", `there is no entry ${id}: no app is running`)),
      find: async () => [],
    },
    readStdin: () => Promise.resolve(undefined),
  });
}
