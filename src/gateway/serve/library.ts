import { watch, type FSWatcher } from "chokidar";
import { readdir, readFile, stat } from "node:fs/promises";
import { extname, join, relative, resolve, sep } from "node:path";
import { toWeftError, WeftError } from "../../core/errors.ts";
import { nearestSuffix } from "../../core/nearest.ts";
import { AssembleError } from "../../engine/wasm/assemble-error.ts";
import { assemble } from "../../engine/wasm/assemble.ts";
import type { ControlPlane } from "../../runtime/control/control.ts";
import { prepareModule, type ServedModule } from "./module.ts";
import type { ModuleSettings } from "./settings.ts";

/** Writers write a file in several steps: what comes within this is one change. */
const settleMs = 40;

/** A file of the folder: what of it can be called, or why nothing can. */
export interface ModuleState {
  readonly file: string;
  readonly namespace: string;
  readonly module: ServedModule | undefined;
  readonly failure: WeftError | undefined;
}

/** What a library is made of. */
export interface LibraryParts {
  readonly directory: string;
  readonly settings: ModuleSettings;
  /** Where its functions are placed. */
  readonly control: Pick<ControlPlane, "place" | "remove">;
  /** Hears of each file that was read, changed or went away. */
  readonly changed?: (file: string, state: ModuleState | undefined) => void;
}

/** The modules of a folder, as its files are now. Each file stands for itself: one that is malformed harms no other. */
export class ModuleLibrary implements AsyncDisposable {
  readonly #parts: LibraryParts;
  readonly #root: string;
  readonly #states = new Map<string, ModuleState>();
  readonly #pending = new Map<string, NodeJS.Timeout>();
  #work: Promise<void> = Promise.resolve();
  #watcher: FSWatcher | undefined;
  #version = 0;

  private constructor(parts: LibraryParts) {
    this.#parts = parts;
    this.#root = resolve(parts.directory);
  }

  /** Reads a folder and watches it. @throws WeftError `FILE_NOT_FOUND` when there is none. */
  static async open(parts: LibraryParts): Promise<ModuleLibrary> {
    const library = new ModuleLibrary(parts);
    const root = library.#root;
    const found = await stat(root).catch(() => undefined);
    if (found?.isDirectory() !== true) throw new WeftError("FILE_NOT_FOUND", `there is no folder ${root}`);
    await library.#watch();
    const files = await readdir(root, { recursive: true });
    for (const file of files.toSorted()) if (isModule(file) && !isHidden(file)) await library.#load(slashes(file));
    return library;
  }

  /** Every file, in the order of names. */
  get states(): readonly ModuleState[] {
    return [...this.#states.values()].toSorted((a, b) => a.file.localeCompare(b.file));
  }

  /** Counts changes: what is derived from the modules holds while it stays the same. */
  get version(): number {
    return this.#version;
  }

  /** A file by its path, with or without its extension. @throws WeftError `ENTRY_NOT_FOUND`, `ENTRY_FAILED`. */
  file(path: string): ServedModule {
    return moduleOf(this.#state(path), () => unknown("file", path, this.#states.keys()));
  }

  /**
   * The file that the first parts of a path name, as many as possible, and how many those are.
   * @throws WeftError as `file`.
   */
  below(parts: readonly string[]): { readonly module: ServedModule; readonly length: number } {
    const deepest = Math.max(1, ...[...this.#states.keys()].map((file) => file.split("/").length));
    for (let length = Math.min(deepest, parts.length); length > 0; length -= 1) {
      const state = this.#state(parts.slice(0, length).join("/"));
      if (state !== undefined) return { module: moduleOf(state, () => unknown("file", state.file, [])), length };
    }
    throw unknown("file", parts.slice(0, deepest).join("/"), this.#states.keys());
  }

  /** A file by its namespace. @throws WeftError `ENTRY_NOT_FOUND`, `ENTRY_FAILED`. */
  namespace(name: string): ServedModule {
    const states = [...this.#states.values()];
    const state = states.find((each) => each.namespace === name && each.module !== undefined);
    return moduleOf(state ?? states.find((each) => each.namespace === name), () =>
      unknown(
        "namespace",
        name,
        states.map(({ namespace }) => namespace),
      ),
    );
  }

  #state(path: string): ModuleState | undefined {
    return this.#states.get(path) ?? this.#states.get(`${path}.wasm`) ?? this.#states.get(`${path}.wat`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watcher?.close();
    for (const timer of this.#pending.values()) clearTimeout(timer);
    this.#pending.clear();
    await this.#work;
  }

  async #watch(): Promise<void> {
    const root = this.#root;
    const watcher = watch(root, {
      ignored: (path) => isHidden(relative(root, path)),
      ignoreInitial: true,
    });
    this.#watcher = watcher;
    watcher.on("all", (_event, path) => this.#noticed(slashes(relative(root, resolve(path)))));
    watcher.on("error", (error) =>
      this.#parts.settings.log.error("the folder cannot be watched", { error: toWeftError(error).message }),
    );
    const { promise, resolve: isReady } = Promise.withResolvers<void>();
    watcher.once("ready", () => isReady());
    await promise;
  }

  #noticed(path: string): void {
    // Signatures stand beside their module.
    const files = extname(path) === ".wit" ? [".wasm", ".wat"].map((end) => path.replace(/\.wit$/, end)) : [path];
    for (const file of files.filter((each) => isModule(each))) this.#loadSoon(file);
  }

  #loadSoon(file: string): void {
    clearTimeout(this.#pending.get(file));
    const load = (): void => {
      this.#pending.delete(file);
      this.#work = this.#work.then(() => this.#load(file));
    };
    this.#pending.set(file, setTimeout(load, settleMs));
  }

  async #load(file: string): Promise<void> {
    const before = this.#states.get(file);
    const state = await this.#read(file);
    if (state === undefined && before === undefined) return;
    this.#version += 1;
    if (state === undefined) this.#states.delete(file);
    else this.#states.set(file, state);
    this.#exchange(before?.module, state?.module);
    this.#parts.changed?.(file, state);
    if (before?.module === undefined || state?.module !== undefined) return;
    // Another file may have waited for the name.
    for (const other of this.#states.values()) {
      if (other.file !== file && other.namespace === before.namespace) this.#loadSoon(other.file);
    }
  }

  /** Undefined when the file is gone. */
  async #read(file: string): Promise<ModuleState | undefined> {
    const namespace = namespaceOf(file);
    try {
      const bytes = await readProgram(join(this.#root, file));
      if (bytes === undefined) return undefined;
      const rival = [...this.#states.values()].find(
        (each) => each.namespace === namespace && each.file !== file && each.module !== undefined,
      );
      if (rival !== undefined) {
        throw new WeftError("ENTRY_FAILED", `the name ${namespace} is that of ${rival.file}: rename one of the files`);
      }
      const wit = await readIfThere(join(this.#root, file.replace(/\.[^.]+$/, ".wit")));
      const source = { file, namespace, bytes, wit: wit?.toString("utf8") };
      return { file, namespace, module: await prepareModule(source, this.#parts.settings), failure: undefined };
    } catch (error) {
      return { file, namespace, module: undefined, failure: failureOf(file, error) };
    }
  }

  /** What is called by the same id goes over at once; calls in flight end on what they began with. */
  #exchange(before: ServedModule | undefined, now: ServedModule | undefined): void {
    const { control } = this.#parts;
    const kept = new Set(now?.functions.map(({ id }) => id));
    for (const { placement } of now?.functions ?? []) control.place(placement);
    for (const { id } of before?.functions ?? []) if (!kept.has(id)) control.remove(id);
  }
}

function moduleOf(state: ModuleState | undefined, missing: () => WeftError): ServedModule {
  if (state === undefined) throw missing();
  if (state.module === undefined) throw state.failure ?? missing();
  return state.module;
}

function unknown(what: string, name: string, known: Iterable<string>): WeftError {
  const hint = nearestSuffix(name, [...known]);
  return new WeftError("ENTRY_NOT_FOUND", `there is no ${what} ${name}${hint}`, { details: { target: name } });
}

function isModule(path: string): boolean {
  return [".wasm", ".wat"].includes(extname(path));
}

function isHidden(path: string): boolean {
  return path.split(sep).some((name) => name === "node_modules" || (name.startsWith(".") && !/^\.+$/.test(name)));
}

const slashes = (path: string): string => path.split(sep).join("/");

/** `image/resize.wasm` is called as `image.resize`. */
function namespaceOf(file: string): string {
  return file
    .replace(/\.[^./]+$/, "")
    .replaceAll("/", ".")
    .replaceAll(/[^\w.-]+/g, "-");
}

async function readProgram(path: string): Promise<Uint8Array | undefined> {
  const bytes = await readIfThere(path);
  return bytes !== undefined && extname(path) === ".wat" ? await assemble(bytes.toString("utf8"), path) : bytes;
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "EISDIR"))
      return undefined;
    throw error;
  }
}

function failureOf(file: string, error: unknown): WeftError {
  const { message } = toWeftError(error);
  const place = error instanceof AssembleError ? `${file}:${error.line}:${error.column}` : file;
  const text = message.startsWith(`${file}: `) ? message.slice(file.length + 2) : message;
  const details = error instanceof WeftError ? { reason: error.code } : {};
  return new WeftError("ENTRY_FAILED", `${place}: ${text}`, { cause: error, details });
}
