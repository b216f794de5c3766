import { Connection } from "./connection.ts";
import type { SqlProblem, SqlSetup, SqlTask, SqlValue } from "./messages.ts";

/** A statement that meets a lock is tried again after this long. */
const retryMs = 5;

const codes = { busy: 5, locked: 6, constraint: 19 } as const;

/** One database: a connection for statements that commit by themselves, and one for each open transaction. */
export class Database {
  readonly #location: string;
  readonly #setup: SqlSetup;
  readonly #main: Connection;
  readonly #idle: Connection[] = [];
  readonly #transactions = new Map<number, Connection>();
  #lastTransaction = 0;

  constructor(setup: SqlSetup) {
    this.#setup = setup;
    // The connections of a database in memory share it by its name, which nobody else in the process uses.
    this.#location = setup.path ?? `file:weft-${crypto.randomUUID()}?mode=memory&cache=shared`;
    this.#main = new Connection(this.#location);
    if (setup.path !== undefined) this.#main.run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  }

  /** Does a task; rejects with what sqlite throws. Waits while another connection holds a lock. */
  async do(task: SqlTask): Promise<SqlValue> {
    for (let waitedMs = 0; ; waitedMs += retryMs) {
      try {
        return this.#try(task);
      } catch (error) {
        const isLocked = [codes.busy, codes.locked].some((code) => code === codeOf(error));
        if (!isLocked || waitedMs >= this.#setup.busyMs) throw error;
      }
      await new Promise((resolve) => {
        setTimeout(resolve, retryMs);
      });
    }
  }

  #try(task: SqlTask): SqlValue {
    switch (task.do) {
      case "begin":
        return this.#begin(task.readOnly);
      case "commit":
      case "rollback":
        return this.#end(task.transaction, task.do);
      case "prepare":
        this.#connection(task.transaction).prepare(task.sql);
        return true;
      case "query":
      case "execute":
        return this.#run(task);
      case "stats": {
        const [inUse, idle] = [this.#transactions.size, this.#idle.length + 1];
        const open = inUse + idle;
        return { max_open_connections: this.#setup.maxOpen, open_connections: open, in_use: inUse, idle };
      }
    }
  }

  #run(task: Extract<SqlTask, { do: "query" | "execute" }>): SqlValue {
    const connection = this.#connection(task.transaction);
    const value = connection[task.do](task.sql, task.params);
    const isOpen = connection.inTransaction;
    if (task.transaction === undefined && isOpen) {
      // Everybody's statements run here: a transaction would swallow theirs.
      connection.run("ROLLBACK");
      throw new Error("a transaction is begun with db:begin(), not by a statement");
    }
    if (task.transaction !== undefined && !isOpen) {
      connection.run(beginText);
      throw new Error("a transaction is ended with tx:commit() or tx:rollback(), not by a statement");
    }
    return value;
  }

  #begin(readOnly: boolean): number {
    if (this.#transactions.size >= this.#setup.maxOpen) throw new Busy();
    const connection = this.#idle.pop() ?? new Connection(this.#location);
    try {
      connection.run(readOnly ? "BEGIN; PRAGMA query_only = 1" : beginText);
    } catch (error) {
      this.#idle.push(connection);
      throw error;
    }
    this.#lastTransaction += 1;
    this.#transactions.set(this.#lastTransaction, connection);
    return this.#lastTransaction;
  }

  #end(transaction: number, how: "commit" | "rollback"): true {
    const connection = this.#connection(transaction);
    // A failed statement may have ended it already.
    if (connection.inTransaction) connection.run(how);
    else if (how === "commit") throw new Error("the transaction was rolled back by a failed statement");
    connection.run("PRAGMA query_only = 0");
    this.#transactions.delete(transaction);
    this.#idle.push(connection);
    return true;
  }

  #connection(transaction: number | undefined): Connection {
    const connection = transaction === undefined ? this.#main : this.#transactions.get(transaction);
    if (connection === undefined) throw new Error("the transaction has ended");
    return connection;
  }
}

/** Writers take their turn when they begin: one that began to read could find that it may not write any more. */
const beginText = "BEGIN IMMEDIATE";

/** There is no room for another transaction. */
class Busy extends Error {
  readonly errcode = codes.busy;
  constructor() {
    super("too many transactions are open");
  }
}

/** sqlite's result code, without what refines it. */
function codeOf(error: unknown): number | undefined {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number"
    ? error.errcode & 0xff
    : undefined;
}

/** What sqlite threw, for the other thread. */
export function problemOf(error: unknown): SqlProblem {
  const message = error instanceof Error ? error.message : String(error);
  switch (codeOf(error)) {
    case codes.constraint:
      return { code: "SQL_CONSTRAINT", message };
    case codes.busy:
    case codes.locked:
      return { code: "SQL_BUSY", message };
    default:
      return { code: "SQL_FAILED", message };
  }
}
