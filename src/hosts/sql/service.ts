import { WeftError } from "../../core/errors.ts";
import type { EntryId } from "../../core/ids.ts";
import { nearestSuffix } from "../../core/nearest.ts";
import type { Value } from "../../core/values.ts";
import type { Service } from "../service.ts";
import type { SqlSetup, SqlTask } from "./messages.ts";
import { DatabaseThread } from "./thread.ts";

/** What isolates ask of a database. */
export type SqlRequest = { readonly id: EntryId } & ({ readonly do: "open" } | SqlTask);

/** The databases of an app, each in a thread of its own. */
export class SqlService implements Service<SqlRequest, SqlSetup> {
  readonly #databases = new Map<EntryId, DatabaseThread>();
  readonly #closing = new Set<Promise<void>>();

  add(id: EntryId, setup: SqlSetup): void {
    this.remove(id);
    this.#databases.set(id, new DatabaseThread(setup));
  }

  remove(id: EntryId): void {
    const database = this.#databases.get(id);
    this.#databases.delete(id);
    if (database === undefined) return;
    const closing = database[Symbol.asyncDispose]().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  ask({ id, ...task }: SqlRequest): Value | Promise<Value> {
    const database = this.#databases.get(id);
    if (database === undefined) {
      const hint = nearestSuffix(id, this.#databases.keys());
      throw new WeftError("ENTRY_NOT_FOUND", `there is no database ${id}${hint}`, { details: { target: id } });
    }
    return task.do === "open" ? true : database.ask(task);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const id of this.#databases.keys()) this.remove(id);
    await Promise.all(this.#closing);
  }
}
