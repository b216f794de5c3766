import { WeftError } from "../../core/errors.ts";
import type { EntryId } from "../../core/ids.ts";
import type { Value } from "../../core/values.ts";
import type { LuaCall } from "../../engine/lua/call.ts";
import type { InstanceContext } from "../context.ts";
import type { SqlTask } from "./messages.ts";

type Call = LuaCall<InstanceContext>;

/** What statements run in: a database, or a transaction of one. */
export abstract class SqlTarget {
  readonly id: EntryId;
  readonly transaction: number | undefined;
  /** Why nothing runs in it any more. */
  ended: string | undefined;

  constructor(id: EntryId, transaction: number | undefined) {
    this.id = id;
    this.transaction = transaction;
  }

  /** @throws WeftError what the database refuses. */
  ask(call: Call, task: SqlTask): Promise<Value> {
    if (this.ended !== undefined) throw new WeftError("INVALID_ARGUMENT", `${this.id}: ${this.ended}`);
    return call.host.ports.services.ask({ service: "sql", request: { id: this.id, ...task } });
  }
}

/** A database as a program holds it. */
export class SqlDatabase extends SqlTarget {
  constructor(id: EntryId) {
    super(id, undefined);
  }
}

/** A transaction as a program holds it. */
export class SqlTransaction extends SqlTarget {
  readonly number: number;

  constructor(id: EntryId, transaction: number) {
    super(id, transaction);
    this.number = transaction;
  }
}

/** A statement that was found to be one. */
export class SqlStatement {
  readonly target: SqlTarget;
  readonly sql: string;
  isClosed = false;

  constructor(target: SqlTarget, sql: string) {
    this.target = target;
    this.sql = sql;
  }
}
