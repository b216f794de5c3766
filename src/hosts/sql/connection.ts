import { constants, DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { SqlCell, SqlParam, SqlParams, SqlValue } from "./messages.ts";

/** Statements that a connection keeps compiled. */
const mostStatements = 100;
/** Rows of one answer: it is held whole, twice. */
const mostRows = 100_000;

/** One connection: runs statements, one at a time. Nothing that it runs reaches another file. */
export class Connection implements Disposable {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(location: string) {
    // Waiting for others is the thread's business: while sqlite waits, nobody could give way.
    this.#database = new DatabaseSync(location, { timeout: 0, enableForeignKeyConstraints: true });
    this.#database.enableDefensive(true);
    this.#database.setAuthorizer((action) =>
      // `VACUUM INTO` attaches the file that it writes, too.
      action === constants.SQLITE_ATTACH || action === constants.SQLITE_DETACH
        ? constants.SQLITE_DENY
        : constants.SQLITE_OK,
    );
  }

  get inTransaction(): boolean {
    return this.#database.isTransaction;
  }

  /** Runs statements of ours. */
  run(sql: string): void {
    this.#database.exec(sql);
  }

  prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    this.#statements.delete(sql);
    const statement = known ?? this.#database.prepare(sql);
    if (known === undefined) statement.setReadBigInts(true);
    this.#statements.set(sql, statement);
    if (this.#statements.size > mostStatements) {
      const [oldest] = this.#statements.keys();
      if (oldest !== undefined) this.#statements.delete(oldest);
    }
    return statement;
  }

  query(sql: string, params: SqlParams): SqlValue {
    const statement = this.prepare(sql);
    const rows: Record<string, SqlCell>[] = [];
    const found = isList(params) ? statement.iterate(...params.map(bound)) : statement.iterate(named(params));
    for (const row of found) {
      if (rows.length === mostRows) throw new Error(`the query has more than ${mostRows} rows: give it a LIMIT`);
      rows.push(Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cell(value)])));
    }
    return rows;
  }

  execute(sql: string, params: SqlParams): SqlValue {
    const isPlain = isList(params) && params.length === 0;
    if (isPlain && /;\s*\S/.test(sql)) return this.#script(sql);
    const statement = this.prepare(sql);
    const { changes, lastInsertRowid } = isList(params)
      ? statement.run(...params.map(bound))
      : statement.run(named(params));
    return { rows_affected: Number(changes), last_insert_id: Number(lastInsertRowid) };
  }

  [Symbol.dispose](): void {
    this.#statements.clear();
    this.#database.close();
  }

  /** Several statements, one after the other. */
  #script(sql: string): SqlValue {
    const counted = "SELECT total_changes() AS changes, last_insert_rowid() AS id";
    const before = this.prepare(counted).get();
    this.#database.exec(sql);
    const after = this.prepare(counted).get();
    return {
      rows_affected: Number(after?.["changes"]) - Number(before?.["changes"]),
      last_insert_id: Number(after?.["id"]),
    };
  }
}

function isList(params: SqlParams): params is readonly SqlParam[] {
  return Array.isArray(params);
}

function named(params: Readonly<Record<string, SqlParam>>): Record<string, SQLInputValue> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, bound(value)]));
}

/** A parameter as sqlite takes it: whole numbers are INTEGER, as in Lua. */
function bound(value: SqlParam): SQLInputValue {
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (value === null || typeof value !== "object" || value instanceof Uint8Array) return value;
  return value.float;
}

function cell(value: SqlCell): SqlCell {
  if (typeof value !== "bigint") return value;
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}
