import { WeftError } from "../../core/errors.ts";
import type { EntryId } from "../../core/ids.ts";
import { nearestSuffix } from "../../core/nearest.ts";
import type { Value } from "../../core/values.ts";
import type { Service } from "../service.ts";
import { readSchemas } from "./schemas.ts";

/** What an entry of the contracts' kinds says about itself. */
export type ContractSpec =
  | {
      readonly type: "definition";
      /** As written: name, description, schemas. */
      readonly methods: readonly { readonly [key: string]: Value }[];
    }
  | { readonly type: "binding"; readonly contracts: readonly BoundContract[] };

/** A contract that a binding implements. */
export interface BoundContract {
  readonly contract: EntryId;
  /** The function behind each method. */
  readonly methods: Readonly<Record<string, EntryId>>;
  /** Open this binding when nobody names one. */
  readonly isDefault: boolean;
  /** Context values that must be given when it is opened. */
  readonly contextRequired: readonly string[];
}

/** What isolates ask about contracts. */
export type ContractRequest =
  | { readonly do: "definition" | "implementations"; readonly contract: EntryId }
  /** What is behind a binding: of one contract, or of all that it implements; without a binding, the contract's default. */
  | { readonly do: "open"; readonly contract: EntryId | undefined; readonly binding: EntryId | undefined };

type Binding = Extract<ContractSpec, { type: "binding" }>;
type Definition = Extract<ContractSpec, { type: "definition" }>;

/** The contracts of an app, and who implements them. */
export class ContractService implements Service<ContractRequest, ContractSpec> {
  readonly #definitions = new Map<EntryId, Definition>();
  readonly #bindings = new Map<EntryId, Binding>();

  add(id: EntryId, spec: ContractSpec): void {
    this.remove(id);
    if (spec.type === "definition") this.#definitions.set(id, spec);
    else this.#bindings.set(id, spec);
  }

  remove(id: EntryId): void {
    this.#definitions.delete(id);
    this.#bindings.delete(id);
  }

  ask(request: ContractRequest): Value {
    switch (request.do) {
      case "definition":
        return { id: request.contract, methods: this.#definition(request.contract).methods };
      case "implementations":
        this.#definition(request.contract);
        return this.#implementing(request.contract).map(([id]) => id);
      case "open":
        return this.#open(request.contract, request.binding);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#definitions.clear();
    this.#bindings.clear();
  }

  #open(contract: EntryId | undefined, named: EntryId | undefined): Value {
    const binding = named ?? this.#defaultOf(contract);
    const found = this.#bindings.get(binding);
    if (found === undefined) throw missing("binding", binding, this.#bindings.keys());
    const opened = found.contracts.filter((each) => contract === undefined || each.contract === contract);
    if (opened.length === 0) throw new WeftError("INVALID_ARGUMENT", `${binding} does not implement ${contract}`);
    return {
      binding,
      contracts: opened.map((each) => each.contract),
      methods: Object.fromEntries(opened.flatMap(({ methods }) => Object.entries(methods))),
      schemas: Object.assign({}, ...opened.map((each) => this.#schemas(each.contract))),
      required: [...new Set(opened.flatMap(({ contextRequired }) => contextRequired))],
    };
  }

  #schemas(contract: EntryId): Readonly<Record<string, Value>> {
    return readSchemas(this.#definitions.get(contract)?.methods ?? []);
  }

  #defaultOf(contract: EntryId | undefined): EntryId {
    if (contract === undefined) throw new WeftError("INVALID_ARGUMENT", "the id of a binding is required");
    this.#definition(contract);
    const found = this.#implementing(contract).find(([, { contracts }]) =>
      contracts.some((each) => each.contract === contract && each.isDefault),
    );
    if (found !== undefined) return found[0];
    throw new WeftError(
      "BINDING_NOT_FOUND",
      `no binding of ${contract} is its default: name one, or set default: true`,
    );
  }

  #implementing(contract: EntryId): readonly (readonly [EntryId, Binding])[] {
    return [...this.#bindings]
      .filter(([, { contracts }]) => contracts.some((each) => each.contract === contract))
      .toSorted(([a], [b]) => (a < b ? -1 : 1));
  }

  #definition(id: EntryId): Definition {
    const found = this.#definitions.get(id);
    if (found !== undefined) return found;
    throw missing("contract", id, this.#definitions.keys());
  }
}

function missing(what: string, id: EntryId, known: Iterable<EntryId>): WeftError {
  const hint = nearestSuffix(id, known);
  return new WeftError("ENTRY_NOT_FOUND", `there is no ${what} ${id}${hint}`, { details: { target: id } });
}
