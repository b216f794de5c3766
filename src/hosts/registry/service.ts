import { WeftError } from "../../core/errors.ts";
import type { EntryId } from "../../core/ids.ts";
import type { Value } from "../../core/values.ts";
import type { Service } from "../service.ts";

/** An entry as a program wants it. */
export interface WantedEntry {
  readonly id: EntryId;
  readonly kind: string;
  readonly meta: { readonly [key: string]: Value };
  readonly data: { readonly [key: string]: Value };
}

/** One change that a program wants. */
export type WantedChange =
  | { readonly op: "create" | "update"; readonly entry: WantedEntry }
  | { readonly op: "delete"; readonly id: EntryId };

/** What programs ask of the registry that changes while it runs. Versions go by their numbers. */
export type RegistryRequest =
  /** Gives the version in force, as every version is given: `{id, previous}`. */
  | { readonly do: "current" }
  | { readonly do: "versions" }
  | { readonly do: "entries"; readonly version: number }
  /** Gives nothing when the version has no such entry. */
  | { readonly do: "get"; readonly version: number; readonly id: EntryId }
  | { readonly do: "namespace"; readonly version: number; readonly namespace: string }
  | { readonly do: "find"; readonly version: number; readonly filter: Readonly<Record<string, Value>> }
  /** Gives the version made, if `base` is still in force. `root` is the call tree that asks. */
  | { readonly do: "apply"; readonly base: number; readonly changes: readonly WantedChange[]; readonly root: number }
  | { readonly do: "apply-version"; readonly version: number; readonly root: number }
  | { readonly do: "delta"; readonly from: readonly WantedEntry[]; readonly to: readonly WantedEntry[] };

/** Who keeps the registry: boot. */
export interface RegistryKeeper {
  /** @throws WeftError every refusal. */
  ask(request: RegistryRequest): Promise<Value>;
}

/** The registry's shared half: hands questions on to who keeps the registry. */
export class RegistryService implements Service<RegistryRequest, never> {
  readonly #keeper: RegistryKeeper | undefined;

  constructor(keeper: RegistryKeeper | undefined) {
    this.#keeper = keeper;
  }

  add(): void {}

  remove(): void {}

  ask(request: RegistryRequest): Promise<Value> {
    if (this.#keeper === undefined) throw new WeftError("UNSUPPORTED", "there is no registry that could change here");
    return this.#keeper.ask(request);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
