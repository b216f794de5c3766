import type { EntryId } from "../../core/ids.ts";

/** What an entry of the environment's kinds says about itself. */
export type EnvironmentSpec =
  /** Variables that live as long as the app runs. */
  | { readonly type: "memory" }
  /** Those that the app was started with; read only. */
  | { readonly type: "os" }
  /** Those of a file in dotenv format. */
  | {
      readonly type: "file";
      readonly path: string;
      readonly create: boolean;
      readonly fileMode: number;
      readonly dirMode: number;
    }
  /** Fixed values. */
  | { readonly type: "static"; readonly values: Readonly<Record<string, string>> }
  /** Others, in the order in which they are asked. */
  | { readonly type: "router"; readonly storages: readonly EntryId[] }
  /** A name that programs may read. */
  | VariableSpec;

/** A variable that an entry declares. */
export interface VariableSpec {
  readonly type: "variable";
  /** The name that any program may use; without one, only the entry's id means it. */
  readonly publicName: string | undefined;
  /** Its name in the storage. */
  readonly key: string;
  readonly storage: EntryId;
  readonly default: string | undefined;
  readonly readOnly: boolean;
}

/** What isolates ask. `namespace` is the asker's: relative ids are of it. */
export type EnvironmentRequest =
  | { readonly do: "get"; readonly name: string; readonly namespace: string }
  | { readonly do: "set"; readonly name: string; readonly namespace: string; readonly value: string }
  /** Every name of a variable: the public one, and its id. */
  | { readonly do: "names"; readonly name: string; readonly namespace: string }
  /** Every variable with a public name and a value, as `{id, name, value}`. */
  | { readonly do: "all" }
  /** The values of variables by their ids; null for one without. */
  | { readonly do: "values"; readonly ids: readonly EntryId[] };
