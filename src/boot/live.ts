import { toWeftError, WeftError } from "../core/errors.ts";
import type { EntryId } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import type { Value } from "../core/values.ts";
import type { EntryView } from "../hosts/ports.ts";
import type { Diagnostic } from "../registry/diagnostic.ts";
import { affectedBy, turned } from "../registry/live/affected.ts";
import { applyChanges, eventData, takeSteps, viewsOf, type EntryMap } from "../registry/live/apply-changes.ts";
import { opOf, type Change, type Step } from "../registry/live/change.ts";
import { diffEntries, reread } from "../registry/live/diff.ts";
import { RegistryEvents, type RegistryEvent } from "../registry/live/events.ts";
import { stepsBetween, type History, type Version } from "../registry/live/history.ts";
import { storedEntry } from "../registry/live/live-entry.ts";
import { Snapshot } from "../registry/live/snapshot.ts";
import { diagnosticJson } from "../registry/render.ts";
import type { LoadedRegistry } from "../registry/registry.ts";
import type { ReadEntry } from "../registry/reading/read-entries.ts";
import { composeApp, placeTools, readApp, type LoadedApp } from "./app.ts";
import type { Deployment } from "./deployment.ts";
import { placePrograms } from "./prepare.ts";

/** Thrown for changes that were refused: nothing of them is in force. */
export class ChangesRejected extends WeftError {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[], options: { readonly cause?: unknown } = {}) {
    const [first] = diagnostics;
    const more = diagnostics.length > 1 ? ` (and ${diagnostics.length - 1} more)` : "";
    const why = first?.message ?? toWeftError(options.cause).message;
    super("CHANGESET_REJECTED", `the changes were rejected: ${why}${more}`, {
      ...options,
      details: { diagnostics: diagnostics.map((each) => ({ ...diagnosticJson(each) })) },
    });
    this.diagnostics = diagnostics;
  }
}

/** What a live registry is made of. */
export interface LiveParts {
  readonly deployment: Deployment;
  readonly history: History;
  readonly log: Log;
}

/** What reading the files again came to. */
export interface Reloaded {
  /** The version in force now. */
  readonly version: number;
  /** The entries that changed in the files, deleted ones included. */
  readonly changed: readonly EntryId[];
}

/** Entries as they are to be. */
interface Candidate {
  readonly entries: EntryMap;
  /** What is wrong with files, and entries left out, when these were read again. */
  readonly files?: Pick<LoadedApp["read"], "duplicates" | "diagnostics">;
  readonly steps: readonly Step[];
  /** Entries that are read from elsewhere now, but are what they were. */
  readonly moved?: ReadonlySet<EntryId>;
  /** Entries to prepare again although nobody changed them. */
  readonly touched?: Iterable<EntryId>;
  /** The call tree that asks for it, if a program does. */
  readonly from?: number | undefined;
}

/** How a program wants a change. */
export interface ApplyOptions {
  /** Only if this version is still in force. */
  readonly base?: number | undefined;
  /** The call tree that asks: a service that changes itself is stopped after it has its answer. */
  readonly from?: number | undefined;
}

/** Versions whose entries are kept at hand. */
const snapshotsAtHand = 8;

/**
 * The registry of an app that runs: takes changes whole or not at all, one after the other, and remembers versions.
 * Programs are prepared before anything is exchanged; calls in flight end on the program they began with.
 */
export class LiveRegistry implements Disposable {
  readonly #deployment: Deployment;
  readonly #history: History;
  readonly #log: Log;
  readonly #events = new RegistryEvents();
  readonly #snapshots = new Map<number, Snapshot>();
  /** The files as they were when a reading of them was last accepted. */
  #files: readonly ReadEntry[];
  #entries: EntryMap;
  #version: number;
  #last: number;
  /** Files that programs of a rejected candidate were read from: to mend them is to mend it. */
  #wantedFiles: readonly string[] = [];
  /** Files whose change was not accepted yet. */
  readonly #outstanding = new Set<string>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor({ deployment, history, log }: LiveParts) {
    this.#deployment = deployment;
    this.#history = history;
    this.#log = log;
    this.#files = deployment.app.read.entries;
    this.#entries = new Map(this.#files.map((read) => [read.entry.id, read]));
    this.#last = history.list().at(-1)?.id ?? -1;
    this.#version = this.#last;
    if (this.#last < 0) this.#append([]);
    const known = takeSteps(new Map(), stepsBetween(history, history.list()[0]?.id ?? 0, this.#version));
    const changes = diffEntries(viewsOf(known), viewsOf(this.#entries));
    if (changes.length > 0) this.#append(applyChanges(known, changes, deployment.app.config.root).steps);
  }

  /** The app as it is now. */
  get app(): LoadedApp {
    return this.#deployment.app;
  }

  /** The number of the version in force. */
  get version(): number {
    return this.#version;
  }

  /** Files outside of the registry's own that programs are read from, or were to be. */
  get files(): ReadonlySet<string> {
    return new Set([...this.app.programs.values()].flatMap(({ files }) => files).concat(this.#wantedFiles));
  }

  /** Every version that is kept, oldest first. */
  history(): readonly Version[] {
    return this.#history.list();
  }

  /** One of these; undefined when it is not kept. */
  describeVersion(version: number): Version | undefined {
    return this.#history.describe(version);
  }

  /** The entries of a version, by default of the one in force. @throws WeftError `VERSION_NOT_FOUND`. */
  snapshot(version: number = this.#version): Snapshot {
    const known = this.#snapshots.get(version);
    if (known !== undefined) return known;
    const entries = takeSteps(this.#entries, stepsBetween(this.#history, this.#version, version));
    const snapshot = new Snapshot(version, viewsOf(entries));
    this.#snapshots.set(version, snapshot);
    for (const oldest of this.#snapshots.keys()) {
      if (this.#snapshots.size <= snapshotsAtHand) break;
      this.#snapshots.delete(oldest);
    }
    return snapshot;
  }

  /** Entries that match a filter. @throws WeftError `INVALID_ARGUMENT`. */
  find(filter: Readonly<Record<string, Value>>): readonly EntryView[] {
    return this.app.registry.find(filter);
  }

  /** Hears of every change from now on. */
  onEvent(listener: (event: RegistryEvent) => void): Disposable {
    return this.#events.on(listener);
  }

  /**
   * Makes changes, all or none, and gives the number of the version that has them.
   * @throws ChangesRejected; WeftError `VERSION_CONFLICT`, `INVALID_ARGUMENT`.
   */
  apply(changes: readonly Change[], { base, from }: ApplyOptions = {}): Promise<number> {
    return this.#inTurn(async () => {
      if (base !== undefined && base !== this.#version) {
        const message = `the changes are for version ${base}, but version ${this.#version} is in force`;
        throw new WeftError("VERSION_CONFLICT", message, { details: { base, current: this.#version } });
      }
      const { entries, steps, problems } = applyChanges(this.#entries, changes, this.app.config.root);
      if (problems.length > 0) throw new ChangesRejected(problems);
      if (steps.length === 0) return this.#version;
      await this.#goOver({ entries, steps, from }, () => this.#append(steps));
      return this.#version;
    });
  }

  /** Goes back, or forward, to a version that is kept. @throws ChangesRejected; WeftError `VERSION_NOT_FOUND`. */
  applyVersion(version: number, { from }: Pick<ApplyOptions, "from"> = {}): Promise<number> {
    return this.#inTurn(async () => {
      const steps = stepsBetween(this.#history, this.#version, version);
      const candidate = { entries: takeSteps(this.#entries, steps), steps, from };
      await this.#goOver(candidate, () => (this.#version = version));
      return this.#version;
    });
  }

  /**
   * Reads the app's files again and goes over to what they say; entries that they never had, or have as before, stay as
   * they are. `paths` are other files that changed, such as binaries.
   * @throws ChangesRejected.
   */
  reload(paths: readonly string[] = []): Promise<Reloaded> {
    return this.#inTurn(async () => {
      for (const path of paths) this.#outstanding.add(path);
      const read = await readApp(this.app.config, this.#log);
      const { entries: files, changed, moved } = reread(this.#files, read.entries);
      const touched = [...this.app.programs.values()]
        .filter((program) => program.files.some((file) => this.#outstanding.has(file)))
        .map(({ id }) => id);
      const { entries, steps } = this.#withFiles(files, { changed, moved });
      await this.#goOver({ entries, files: read, steps, moved, touched }, () => {
        this.#files = files;
        this.#outstanding.clear();
        if (steps.length > 0) this.#append(steps);
      });
      return { version: this.#version, changed: [...new Set([...changed, ...touched])] };
    });
  }

  [Symbol.dispose](): void {
    this.#history[Symbol.dispose]();
  }

  /** The entries in force with what changed in the files. */
  #withFiles(
    files: readonly ReadEntry[],
    { changed, moved }: { readonly changed: ReadonlySet<EntryId>; readonly moved: ReadonlySet<EntryId> },
  ): { readonly entries: EntryMap; readonly steps: readonly Step[] } {
    const now = new Map(files.map((read) => [read.entry.id, read]));
    const before = new Map(this.#files.map((read) => [read.entry.id, read]));
    const entries = new Map(this.#entries);
    const steps: Step[] = [];
    for (const id of changed) {
      const [old, read] = [entries.get(id), now.get(id)];
      if (read === undefined) entries.delete(id);
      else entries.set(id, read);
      if (old !== undefined || read !== undefined) {
        steps.push({ id, before: old && storedEntry(old.entry), after: read && storedEntry(read.entry) });
      }
    }
    for (const id of moved) {
      const read = now.get(id);
      if (read !== undefined && entries.get(id) === before.get(id)) entries.set(id, read);
    }
    return { entries, steps };
  }

  /** Goes over to other entries, or tells why not. */
  async #goOver(candidate: Candidate, accepted: () => void): Promise<void> {
    const { entries, steps } = candidate;
    const before = this.app;
    const read = { ...(candidate.files ?? before.read), entries: [...entries.values()] };
    const registry = before.checker.check(read);
    const ordered = inOrder(steps, before.registry, registry);
    this.#begin(ordered);
    try {
      const changed = [
        ...steps.map(({ id }) => id),
        ...(candidate.touched ?? []),
        ...turned(before.registry, registry),
      ];
      const affected = affectedBy(changed, [before.registry, registry]);
      for (const id of candidate.moved ?? []) if (!hasService(registry, id)) affected.add(id);
      const tools = placeTools(before.config, registry, this.#log);
      const placed = await placePrograms(registry, tools, { only: affected });
      this.#wantedFiles = [...placed.values()].flatMap(({ files }) => files);
      const kept = [...before.programs].filter(([id]) => !affected.has(id));
      const programs = new Map([...kept, ...placed]);
      const next = composeApp({ ...before, read, registry, programs }, { app: before, affected });
      const wrong = newErrors(before.diagnostics, next.diagnostics, new Set(changed));
      if (wrong.length > 0) throw new ChangesRejected(wrong);
      await this.#deployment.exchange(next, affected, candidate.from).catch((cause: unknown) => {
        throw new ChangesRejected([], { cause });
      });
    } catch (error) {
      this.#reject(ordered, error);
      throw error;
    }
    this.#entries = entries;
    this.#wantedFiles = [];
    accepted();
    for (const { id } of ordered) this.#events.emit("entry.accept", id);
    if (ordered.length > 0) this.#events.emit("registry.commit", String(this.#version));
  }

  #begin(steps: readonly Step[]): void {
    if (steps.length > 0) this.#events.emit("registry.begin", String(this.#version));
    for (const step of steps) this.#events.emit(`entry.${opOf(step)}`, step.id, eventData(step.after));
  }

  #reject(steps: readonly Step[], error: unknown): void {
    if (steps.length === 0) return;
    const diagnostics = error instanceof ChangesRejected ? error.diagnostics : [];
    const wrong = new Set(diagnostics.map(({ entry }) => entry));
    const { message } = toWeftError(error);
    for (const { id } of steps) if (wrong.has(id)) this.#events.emit("entry.reject", id, { error: message });
    this.#events.emit("registry.discard", String(this.#version), { error: message });
  }

  #append(steps: readonly Step[]): void {
    const previous = this.#last < 0 ? undefined : this.#version;
    this.#last += 1;
    this.#version = this.#last;
    this.#history.append({ id: this.#version, previous, at: Date.now(), changes: steps.length, steps });
  }

  /** One writer at a time: the next begins when the last has ended, well or badly. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work, work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

/** Deletions in the order in which users come before what they use, then everything else the other way around. */
function inOrder(steps: readonly Step[], before: LoadedRegistry, after: LoadedRegistry): readonly Step[] {
  const orderOf = ({ entries }: LoadedRegistry): ReadonlyMap<EntryId, number> =>
    new Map(entries.map(({ entry }, index) => [entry.id, index]));
  const [old, now] = [orderOf(before), orderOf(after)];
  const place = ({ id, after: made }: Step): number =>
    made === undefined ? -(old.get(id) ?? 0) - 1 : (now.get(id) ?? 0);
  return steps.toSorted((a, b) => place(a) - place(b));
}

function hasService(registry: LoadedRegistry, id: EntryId): boolean {
  return registry.get(id)?.checked?.service !== undefined;
}

/** Errors of entries that were changed, and errors that were not there before. */
function newErrors(
  before: readonly Diagnostic[],
  after: readonly Diagnostic[],
  changed: ReadonlySet<EntryId>,
): readonly Diagnostic[] {
  const nameOf = ({ code, entry, message, position }: Diagnostic): string =>
    JSON.stringify([code, entry, message, position.file]);
  const known = new Set(before.map(nameOf));
  return after.filter(
    (diagnostic) =>
      diagnostic.severity === "error" &&
      ((diagnostic.entry !== undefined && changed.has(diagnostic.entry)) || !known.has(nameOf(diagnostic))),
  );
}
