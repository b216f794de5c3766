// Seam for a database's thread: what other threads send it is typed here.
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { Database, problemOf } from "./database.ts";
import type { SqlMessage, SqlReply, SqlSetup } from "./messages.ts";

const setup = workerData as SqlSetup;
let database: Database | undefined;

function open(): Database {
  if (setup.path !== undefined) mkdirSync(dirname(setup.path), { recursive: true });
  return (database ??= new Database(setup));
}

async function answer({ id, task }: SqlMessage): Promise<SqlReply> {
  try {
    return { id, value: await open().do(task) };
  } catch (error) {
    return { id, problem: problemOf(error) };
  }
}

parentPort?.on("message", (message: SqlMessage) => {
  void answer(message).then((reply) => parentPort?.postMessage(reply, []));
});
