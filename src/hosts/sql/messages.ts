/** A value that a statement takes: `float` keeps a whole number from becoming an INTEGER. */
export type SqlParam = null | number | bigint | string | Uint8Array | { readonly float: number };

/** What a statement is given, by position or by name. */
export type SqlParams = readonly SqlParam[] | Readonly<Record<string, SqlParam>>;

/** What a database's thread is asked. Without `transaction`, a statement commits by itself. */
export type SqlTask =
  | {
      readonly do: "query" | "execute";
      readonly transaction?: number;
      readonly sql: string;
      readonly params: SqlParams;
    }
  /** Says whether a statement is one. */
  | { readonly do: "prepare"; readonly transaction?: number; readonly sql: string }
  /** Gives the number of the transaction. */
  | { readonly do: "begin"; readonly readOnly: boolean }
  | { readonly do: "commit" | "rollback"; readonly transaction: number }
  | { readonly do: "stats" };

/** A task on its way to the thread. */
export interface SqlMessage {
  readonly id: number;
  readonly task: SqlTask;
}

/** One value of a row. */
export type SqlCell = null | number | bigint | string | Uint8Array;

/** What a task came to. */
export type SqlValue =
  | true
  | number
  | readonly Readonly<Record<string, SqlCell>>[]
  | { readonly rows_affected: number; readonly last_insert_id: number }
  | {
      readonly open_connections: number;
      readonly in_use: number;
      readonly idle: number;
      readonly max_open_connections: number;
    };

/** Why a task failed. */
export interface SqlProblem {
  readonly code: "SQL_FAILED" | "SQL_CONSTRAINT" | "SQL_BUSY";
  readonly message: string;
}

/** The thread's answer. */
export type SqlReply =
  | { readonly id: number; readonly value: SqlValue }
  | { readonly id: number; readonly problem: SqlProblem };

/** What the thread is started with. */
export interface SqlSetup {
  /** The file, or undefined for a database in memory. */
  readonly path: string | undefined;
  /** Transactions open at once; more wait. */
  readonly maxOpen: number;
  /** How long a statement waits while others hold the database. */
  readonly busyMs: number;
}
