import { watch, type FSWatcher } from "chokidar";
import { statSync } from "node:fs";
import { basename, join, relative, resolve, sep } from "node:path";
import { configFiles } from "./config.ts";
import type { LiveRegistry, Reloaded } from "./live.ts";

/** Editors write a file in several steps, and people save several files at once: what comes within this is one edit. */
const settleMs = 40;
/** By then the watcher sees a path that was given to it. */
const secondLookMs = 500;

/** Who hears of what a watcher does. */
export interface WatchEvents {
  /** The files changed what runs. */
  reloaded(done: Reloaded & { readonly ms: number }): void;
  /** The files changed to something that cannot run: what ran before goes on. */
  rejected(error: unknown): void;
  /** A file changed that is only read at start. */
  needsRestart(file: string): void;
}

/** Watches the files of an app that runs, and reloads what they change. Dispose it to stop. */
export class AppWatcher implements AsyncDisposable {
  readonly #registry: LiveRegistry;
  readonly #events: WatchEvents;
  readonly #watcher: FSWatcher;
  readonly #config: ReadonlySet<string>;
  readonly #watched: Set<string>;
  readonly #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #reloading: Promise<void> | undefined;

  private constructor(registry: LiveRegistry, events: WatchEvents) {
    const { root, source, skippedFolders, modules } = registry.app.config;
    this.#registry = registry;
    this.#events = events;
    this.#config = new Set(configFiles.map((name) => join(root, name)));
    this.#watched = new Set(registry.files);
    const isSkipped = (path: string): boolean => {
      const way = relative(source, path);
      if (way === "" || way.startsWith("..")) return false;
      const names = way.split(sep);
      return (
        names.some((name) => name === "node_modules" || name.startsWith(".")) || skippedFolders.has(basename(path))
      );
    };
    this.#watcher = watch([source, ...modules.map((module) => module.source), ...this.#config, ...registry.files], {
      ignored: (path) => !this.#config.has(path) && !registry.files.has(path) && isSkipped(path),
      ignoreInitial: true,
    });
    this.#watcher.on("all", (_event, path) => this.#note(resolve(path)));
  }

  /** Starts to watch; resolves when no change is missed any more. */
  static async start(registry: LiveRegistry, events: WatchEvents): Promise<AppWatcher> {
    const watcher = new AppWatcher(registry, events);
    const { promise, resolve: isReady } = Promise.withResolvers<void>();
    watcher.#watcher.once("ready", () => isReady());
    await promise;
    return watcher;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    await this.#watcher.close();
    await this.#reloading;
  }

  #note(path: string): void {
    if (this.#config.has(path)) return this.#events.needsRestart(basename(path));
    this.#changed.add(path);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#reloading = (this.#reloading ?? Promise.resolve()).then(() => this.#reload());
    }, settleMs);
  }

  async #reload(): Promise<void> {
    const paths = [...this.#changed];
    if (paths.length === 0) return;
    this.#changed.clear();
    const started = performance.now();
    try {
      const done = await this.#registry.reload(paths);
      this.#watchNew();
      if (done.changed.length > 0) this.#events.reloaded({ ...done, ms: performance.now() - started });
    } catch (error) {
      this.#watchNew();
      this.#events.rejected(error);
    }
  }

  /** Watches the files that the app reads since now. The watcher does not say when it sees a new path: each is looked at once more. */
  #watchNew(): void {
    const files = [...this.#registry.files].filter((file) => !this.#watched.has(file));
    if (files.length === 0) return;
    const before = files.map(signature);
    for (const file of files) this.#watched.add(file);
    this.#watcher.add(files);
    setTimeout(() => {
      if (this.#watcher.closed) return;
      for (const [at, file] of files.entries()) if (signature(file) !== before[at]) this.#note(file);
    }, secondLookMs).unref();
  }
}

/** What tells one state of a file from another; empty when there is no file. */
function signature(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? "" : `${found.mtimeMs} ${found.size} ${found.ino}`;
}
