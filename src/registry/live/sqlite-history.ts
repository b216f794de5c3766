import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import { WeftError } from "../../core/errors.ts";
import { unknownVersion, type History, type Version, type VersionRecord } from "./history.ts";
import { readSteps, writeSteps } from "./steps.seam.ts";

/** Raised when the tables change; a file of another number is refused rather than misread. */
const layout = 1;

/** Versions in a file, which outlives the app. */
export class SqliteHistory implements History {
  readonly #database: DatabaseSync;

  /** Opens the file, or makes it. @throws WeftError `UNSUPPORTED` for the file of another layout. */
  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.#database = new DatabaseSync(path, { timeout: 5_000 });
    const { user_version: found } = this.#database.prepare("PRAGMA user_version").get() ?? {};
    if (found !== 0 && found !== layout) {
      this.#database.close();
      throw new WeftError("UNSUPPORTED", `${path} was written by another version of Weft: move it away`);
    }
    this.#database.exec(
      "PRAGMA journal_mode = WAL;" +
        "CREATE TABLE IF NOT EXISTS versions (id INTEGER PRIMARY KEY, previous INTEGER, at INTEGER NOT NULL, " +
        `changes INTEGER NOT NULL, steps BLOB NOT NULL); PRAGMA user_version = ${layout}`,
    );
  }

  list(): readonly Version[] {
    return this.#database.prepare("SELECT id, previous, at, changes FROM versions ORDER BY id").all().map(versionOf);
  }

  describe(id: number): Version | undefined {
    const row = this.#database.prepare("SELECT id, previous, at, changes FROM versions WHERE id = ?").get(id);
    return row && versionOf(row);
  }

  get(id: number): VersionRecord {
    const row = this.#database.prepare("SELECT id, previous, at, changes, steps FROM versions WHERE id = ?").get(id);
    if (row === undefined) throw unknownVersion(id);
    const { steps } = row;
    return { ...versionOf(row), steps: steps instanceof Uint8Array ? readSteps(steps) : [] };
  }

  append({ id, previous, at, changes, steps }: VersionRecord): void {
    this.#database
      .prepare("INSERT INTO versions (id, previous, at, changes, steps) VALUES (?, ?, ?, ?, ?)")
      .run(id, previous ?? null, at, changes, writeSteps(steps));
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }
}

function versionOf(row: Readonly<Record<string, SQLOutputValue>>): Version {
  const { previous } = row;
  const isFirst = previous === null || previous === undefined;
  return {
    id: Number(row["id"]),
    previous: isFirst ? undefined : Number(previous),
    at: Number(row["at"]),
    changes: Number(row["changes"]),
  };
}
