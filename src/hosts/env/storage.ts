import { WeftError } from "../../core/errors.ts";

/** Where values of variables are kept. */
export interface Storage {
  /** The value; undefined when there is none. */
  get(key: string): Promise<string | undefined>;
  /** Undefined for a storage that cannot be written to. */
  readonly set?: (key: string, value: string) => Promise<void>;
}

/** Variables that live as long as the app runs. */
export function memoryStorage(): Storage {
  const values = new Map<string, string>();
  return {
    get: async (key) => values.get(key),
    set: async (key, value) => void values.set(key, value),
  };
}

/** Fixed values, such as those of the operating system. */
export function fixedStorage(values: Readonly<Record<string, string | undefined>>): Storage {
  return { get: async (key) => (Object.hasOwn(values, key) ? values[key] : undefined) };
}

/** Asks storages in their order; writes to the first that can be written to. */
export function routerStorage(storages: () => readonly Storage[]): Storage {
  return {
    async get(key) {
      for (const storage of storages()) {
        // One after the other: a later storage is asked only when those before it have nothing.
        const value = await storage.get(key);
        if (value !== undefined) return value;
      }
      return undefined;
    },
    async set(key, value) {
      const target = storages().find((storage) => storage.set !== undefined);
      if (target?.set === undefined) throw readOnly("none of the router's storages can be written to");
      await target.set(key, value);
    },
  };
}

/** The refusal to write. */
export function readOnly(message: string): WeftError {
  return new WeftError("VARIABLE_READ_ONLY", message);
}
