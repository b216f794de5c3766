import { WeftError } from "../../core/errors.ts";
import { resolveId, type EntryId } from "../../core/ids.ts";
import { nearestSuffix } from "../../core/nearest.ts";
import type { Value } from "../../core/values.ts";
import type { Service } from "../service.ts";
import { fileStorage } from "./file.ts";
import type { EnvironmentRequest, EnvironmentSpec, VariableSpec } from "./spec.ts";
import { fixedStorage, memoryStorage, readOnly, routerStorage, type Storage } from "./storage.ts";

/** The variables of an app and the storages that hold their values. */
export class EnvironmentService implements Service<EnvironmentRequest, EnvironmentSpec> {
  readonly #storages = new Map<EntryId, Storage>();
  readonly #variables = new Map<EntryId, VariableSpec>();

  add(id: EntryId, spec: EnvironmentSpec): void {
    this.remove(id);
    if (spec.type === "variable") this.#variables.set(id, spec);
    else this.#storages.set(id, this.#open(spec));
  }

  remove(id: EntryId): void {
    this.#storages.delete(id);
    this.#variables.delete(id);
  }

  async ask(request: EnvironmentRequest): Promise<Value> {
    switch (request.do) {
      case "get": {
        const found = this.#find(request);
        const value = await this.#read(found.spec);
        if (value !== undefined) return value;
        throw new WeftError("VARIABLE_NOT_FOUND", `the variable ${request.name} was not found: it has no value`);
      }
      case "names": {
        const { id, spec } = this.#find(request);
        return spec.publicName === undefined ? [id] : [spec.publicName, id];
      }
      case "set":
        return await this.#write(this.#find(request), request.value);
      case "all": {
        const values = [...this.#variables].map(async ([id, spec]) => {
          const value = spec.publicName === undefined ? undefined : await this.#read(spec);
          return value === undefined ? [] : [{ id, name: spec.publicName ?? id, value }];
        });
        return (await Promise.all(values)).flat();
      }
      case "values":
        return await Promise.all(
          request.ids.map(async (id) => {
            const spec = this.#variables.get(id);
            return spec === undefined ? null : ((await this.#read(spec)) ?? null);
          }),
        );
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#storages.clear();
    this.#variables.clear();
  }

  /** A variable by its public name, its id, or its name in the asker's namespace. */
  #find({ name, namespace }: { readonly name: string; readonly namespace: string }): {
    readonly id: EntryId;
    readonly spec: VariableSpec;
  } {
    for (const [id, spec] of this.#variables) if (spec.publicName === name) return { id, spec };
    const id = resolveId(name, namespace);
    const spec = this.#variables.get(id);
    if (spec !== undefined) return { id, spec };
    const names = [...this.#variables].map(([known, each]) => each.publicName ?? known);
    const hint = nearestSuffix(name, names);
    throw new WeftError("VARIABLE_NOT_FOUND", `the variable ${name} was not found${hint}`);
  }

  async #read({ storage, key, default: otherwise }: VariableSpec): Promise<string | undefined> {
    return (await this.#storages.get(storage)?.get(key)) ?? otherwise;
  }

  async #write({ id, spec }: { readonly id: EntryId; readonly spec: VariableSpec }, value: string): Promise<Value> {
    if (spec.readOnly) throw readOnly(`the variable ${id} is read-only`);
    const set = this.#storages.get(spec.storage)?.set;
    if (set === undefined) throw readOnly(`${spec.storage}, which holds the variable ${id}, cannot be written to`);
    await set(spec.key, value);
    return true;
  }

  #open(spec: Exclude<EnvironmentSpec, VariableSpec>): Storage {
    switch (spec.type) {
      case "memory":
        return memoryStorage();
      case "os":
        return fixedStorage(process.env);
      case "static":
        return fixedStorage(spec.values);
      case "file":
        return fileStorage(spec);
      case "router":
        return routerStorage(() => this.#resolve(spec.storages));
    }
  }

  #resolve(ids: readonly EntryId[]): readonly Storage[] {
    return ids.flatMap((id) => this.#storages.get(id) ?? []);
  }
}
