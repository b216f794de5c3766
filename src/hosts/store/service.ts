import { monotonicMs } from "../../core/clock.ts";
import { WeftError } from "../../core/errors.ts";
import type { EntryId } from "../../core/ids.ts";
import { nearestSuffix } from "../../core/nearest.ts";
import type { Value } from "../../core/values.ts";
import type { KeyValues, Service } from "../service.ts";
import { PassingMap } from "../../core/passing.ts";

/** What an entry of a store's kind says about itself. */
export interface StoreSpec {
  /** Keys that it holds at most. */
  readonly maxSize: number;
  /** How often values whose time is over are dropped, should nobody ask for them. */
  readonly cleanupMs: number;
}

/** What isolates ask of a store. */
export type StoreRequest = { readonly id: EntryId } & (
  | { readonly do: "open" | "info" }
  | { readonly do: "get" | "has" | "delete"; readonly key: string }
  | { readonly do: "set"; readonly key: string; readonly value: Value; readonly ttlMs: number | undefined }
  | { readonly do: "list"; readonly prefix: string }
);

/** The stores of an app. */
export class StoreService implements Service<StoreRequest, StoreSpec> {
  readonly #stores = new Map<EntryId, MemoryStore>();

  /** A store whose entry changes keeps what it holds. */
  add(id: EntryId, spec: StoreSpec): void {
    const known = this.#stores.get(id);
    if (known === undefined) this.#stores.set(id, new MemoryStore(id, spec));
    else known.use(spec);
  }

  remove(id: EntryId): void {
    this.#stores.get(id)?.[Symbol.dispose]();
    this.#stores.delete(id);
  }

  ask(request: StoreRequest): Value {
    const store = this.#require(request.id);
    switch (request.do) {
      case "open":
        return true;
      case "info":
        return store.info;
      case "get":
        return store.get(request.key);
      case "has":
        return store.find(request.key) !== undefined;
      case "delete":
        return store.delete(request.key);
      case "set":
        store.set(request.key, request.value, request.ttlMs);
        return true;
      case "list":
        return store.keys(request.prefix);
    }
  }

  /** The stores for other services of the app. */
  readonly values: KeyValues = {
    get: async (id, key) => this.#require(id).find(key)?.value,
    set: async (id, key, value, ttlMs) => this.#require(id).set(key, value, ttlMs),
    delete: async (id, key) => this.#require(id).delete(key),
  };

  async [Symbol.asyncDispose](): Promise<void> {
    for (const store of this.#stores.values()) store[Symbol.dispose]();
    this.#stores.clear();
  }

  #require(id: EntryId): MemoryStore {
    const store = this.#stores.get(id);
    if (store !== undefined) return store;
    const hint = nearestSuffix(id, this.#stores.keys());
    throw new WeftError("ENTRY_NOT_FOUND", `there is no store ${id}${hint}`, { details: { target: id } });
  }
}

interface Kept {
  readonly value: Value;
  /** When it is over, on `monotonicMs`; Infinity for never. */
  readonly until: number;
}

/** Values by key, each with an end of its time if it has one. */
class MemoryStore implements Disposable {
  readonly #id: EntryId;
  #spec: StoreSpec;
  readonly #kept = new PassingMap<string, Kept>();
  #timer: NodeJS.Timeout;

  constructor(id: EntryId, spec: StoreSpec) {
    this.#id = id;
    this.#spec = spec;
    this.#timer = this.#cleanUp();
  }

  /** What it holds stays, also what is now too much: then there is no room for new keys. */
  use(spec: StoreSpec): void {
    this.#spec = spec;
    clearInterval(this.#timer);
    this.#timer = this.#cleanUp();
  }

  get info(): Value {
    this.#dropOver();
    return { id: this.#id, size: this.#kept.size, max_size: this.#spec.maxSize };
  }

  find(key: string): Kept | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined || kept.until > monotonicMs()) return kept;
    this.#kept.delete(key);
    return undefined;
  }

  get(key: string): Value {
    const kept = this.find(key);
    if (kept !== undefined) return kept.value;
    throw new WeftError("KEY_NOT_FOUND", `the key ${key} was not found in ${this.#id}`, { details: { key } });
  }

  set(key: string, value: Value, ttlMs: number | undefined): void {
    const { maxSize } = this.#spec;
    if (this.#kept.size >= maxSize && !this.#kept.has(key)) this.#dropOver();
    if (this.#kept.size >= maxSize && !this.#kept.has(key)) {
      throw new WeftError("STORE_FULL", `${this.#id} holds ${maxSize} keys, which is its max_size`);
    }
    this.#kept.set(key, { value, until: ttlMs === undefined ? Infinity : monotonicMs() + ttlMs });
  }

  delete(key: string): boolean {
    const wasThere = this.find(key) !== undefined;
    this.#kept.delete(key);
    return wasThere;
  }

  keys(prefix: string): readonly string[] {
    this.#dropOver();
    return [...this.#kept.keys()].filter((key) => key.startsWith(prefix)).toSorted();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#kept.clear();
  }

  #cleanUp(): NodeJS.Timeout {
    return setInterval(() => this.#dropOver(), this.#spec.cleanupMs).unref();
  }

  #dropOver(): void {
    const now = monotonicMs();
    for (const [key, { until }] of this.#kept) if (until <= now) this.#kept.delete(key);
  }
}
