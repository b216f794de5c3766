import type { Value } from "../../core/values.ts";

/** What happens to the registry, in the form of the event bus. */
export interface RegistryEvent {
  readonly system: "registry";
  readonly kind:
    | "registry.begin"
    | "registry.commit"
    | "registry.discard"
    | "entry.create"
    | "entry.update"
    | "entry.delete"
    | "entry.accept"
    | "entry.reject";
  /** The entry's id; the version's number for events about all of it. */
  readonly path: string;
  readonly data: Value;
}

/** Tells listeners. */
export class RegistryEvents {
  readonly #listeners = new Set<(event: RegistryEvent) => void>();

  /** Hears every event from now on, until the result is disposed. */
  on(listener: (event: RegistryEvent) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  emit(kind: RegistryEvent["kind"], path: string, data: Value = null): void {
    for (const listener of this.#listeners) listener({ system: "registry", kind, path, data });
  }
}
