import { WeftError } from "../../core/errors.ts";
import { parseId, resolveId } from "../../core/ids.ts";
import { nearestSuffix } from "../../core/nearest.ts";
import type { Value } from "../../core/values.ts";
import type { LuaCall, Returned } from "../../engine/lua/call.ts";
import { badArgument } from "../../engine/lua/errors/raise.ts";
import type { LuaClass, LuaModule, ModuleTable } from "../../engine/lua/module.ts";
import type { InstanceContext } from "../context.ts";
import { SqlDatabase, SqlStatement, SqlTarget, SqlTransaction } from "./handles.ts";
import type { SqlTask } from "./messages.ts";
import { readParams, SqlTyped } from "./params.ts";

type Call = LuaCall<InstanceContext>;

/** Opens a database. */
async function get(call: Call): Promise<SqlDatabase> {
  const name = call.text(1);
  if (name === "") throw new WeftError("INVALID_ARGUMENT", "the id of a database is required");
  const id = resolveId(name, parseId(call.host.id).namespace);
  call.host.ports.security.check("db.get", id, call.host.call);
  await call.host.ports.services.ask({ service: "sql", request: { id, do: "open" } });
  return new SqlDatabase(id);
}

const target = (call: Call) => call.object<SqlTarget>(1, SqlTarget);
const transaction = (call: Call) => call.object(1, SqlTransaction);

function textOf(call: Call, index: number): string {
  const sql = call.text(index);
  if (sql.trim() === "") throw new WeftError("INVALID_ARGUMENT", "a statement is required");
  return sql;
}

/** Of a transaction its number, so that the statement runs in it. */
const within = ({ transaction: number }: SqlTarget) => (number === undefined ? {} : { transaction: number });

const run =
  (what: "query" | "execute") =>
  (call: Call): Returned => {
    const on = target(call);
    return on.ask(call, { do: what, ...within(on), sql: textOf(call, 2), params: readParams(call, 3) });
  };

async function prepare(call: Call): Promise<SqlStatement> {
  const on = target(call);
  const sql = textOf(call, 2);
  await on.ask(call, { do: "prepare", ...within(on), sql });
  return new SqlStatement(on, sql);
}

/**
 * Levels of isolation. SQLite has one, the strictest: no transaction sees what another has not committed, and writers take
 * their turns. So each level that a program asks for is kept, and it gets more than the weaker ones promise.
 */
const isolations = {
  DEFAULT: "default",
  READ_UNCOMMITTED: "read_uncommitted",
  READ_COMMITTED: "read_committed",
  REPEATABLE_READ: "repeatable_read",
  SERIALIZABLE: "serializable",
} as const;

/** @throws WeftError `INVALID_ARGUMENT` for what is none of the levels. */
function checkIsolation(wanted: Value): void {
  const levels = Object.values(isolations);
  if (levels.some((level) => level === wanted)) return;
  const [said, near] = typeof wanted === "string" ? [` "${wanted}"`, nearestSuffix(wanted, levels)] : ["", ""];
  const names = Object.keys(isolations).map((name) => `sql.isolation.${name}`);
  throw new WeftError("INVALID_ARGUMENT", `there is no such isolation level${said}: ${names.join(", ")}${near}`);
}

async function begin(call: Call): Promise<SqlTransaction> {
  const database = call.object(1, SqlDatabase);
  const { read_only: readOnly, isolation = isolations.DEFAULT } = call.record(2);
  checkIsolation(isolation);
  const { task } = call;
  const number = await database.ask(call, { do: "begin", readOnly: readOnly === true });
  if (typeof number !== "number") throw new Error("the service sql answers with a transaction's number");
  const opened = new SqlTransaction(database.id, number);
  // A program that ends without a word wanted nothing of it.
  const { services } = call.host.ports;
  const end = () => {
    const request = { id: opened.id, do: "rollback", transaction: number } as const;
    if (opened.ended === undefined) void services.ask({ service: "sql", request }).catch(() => undefined);
  };
  task.own({ [Symbol.dispose]: end });
  return opened;
}

const finish =
  (how: "commit" | "rollback", ended: string) =>
  (call: Call): Returned => {
    const on = transaction(call);
    const task: SqlTask = { do: how, transaction: on.number };
    const answered = on.ask(call, task);
    on.ended = ended;
    return answered;
  };

/** `SAVEPOINT name` and its kin. */
const savepoint =
  (statement: string) =>
  async (call: Call): Promise<Returned> => {
    const on = transaction(call);
    const name = call.text(2);
    if (!/^[A-Za-z_]\w*$/.test(name))
      throw new WeftError("INVALID_ARGUMENT", "a savepoint's name is letters and digits");
    await on.ask(call, { do: "execute", transaction: on.number, sql: `${statement} ${name}`, params: [] });
    return true;
  };

const statements: ModuleTable<InstanceContext> = { query: run("query"), execute: run("execute"), prepare };

const databaseClass: LuaClass<InstanceContext> = {
  type: SqlDatabase,
  methods: {
    ...statements,
    type: () => "sqlite",
    begin,
    stats: (call) => target(call).ask(call, { do: "stats" }),
    release: (call) => {
      target(call).ended = "the database was released";
      return true;
    },
  },
};

const transactionClass: LuaClass<InstanceContext> = {
  type: SqlTransaction,
  methods: {
    ...statements,
    db_type: () => "sqlite",
    commit: finish("commit", "the transaction was committed"),
    rollback: finish("rollback", "the transaction was rolled back"),
    savepoint: savepoint("SAVEPOINT"),
    rollback_to: savepoint("ROLLBACK TO"),
    release: savepoint("RELEASE"),
  },
};

const runStatement =
  (what: "query" | "execute") =>
  (call: Call): Returned => {
    const { target: on, sql, isClosed } = call.object(1, SqlStatement);
    if (isClosed) throw new WeftError("INVALID_ARGUMENT", "the statement was closed");
    return on.ask(call, { do: what, ...within(on), sql, params: readParams(call, 2) });
  };

const statementClass: LuaClass<InstanceContext> = {
  type: SqlStatement,
  methods: {
    query: runStatement("query"),
    execute: runStatement("execute"),
    close: (call) => {
      call.object(1, SqlStatement).isClosed = true;
      return true;
    },
  },
};

const as: ModuleTable<InstanceContext> = {
  int: (call) => new SqlTyped(Math.trunc(call.number(1))),
  float: (call) => new SqlTyped({ float: call.number(1) }),
  text: (call) => new SqlTyped(call.display(1)),
  binary: (call) => {
    if (call.typeOf(1) !== "string") throw badArgument(1, call.name, `string expected, got ${call.typeOf(1)}`);
    return new SqlTyped(call.bytes(1).slice());
  },
  null: () => sqlNull,
};

const sqlNull = new SqlTyped(null);

/** Databases of `db.sql.*` entries. */
export const sqlModule: LuaModule<InstanceContext> = {
  name: "sql",
  always: false,
  classes: [databaseClass, transactionClass, statementClass, { type: SqlTyped, methods: {} }],
  objects: { NULL: sqlNull },
  table: {
    get,
    as,
    type: { SQLITE: "sqlite", POSTGRES: "postgres", MYSQL: "mysql", UNKNOWN: "unknown" },
    isolation: isolations,
  },
};
