import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { Value } from "../../../../src/core/values.ts";
import { instance } from "../lua/support/instance.ts";

const opened: AsyncDisposable[] = [];
const folders: string[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((services) => services[Symbol.asyncDispose]()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "weft-sql-"));
  folders.push(made);
  return made;
}

function world({ path, maxOpen = 4, busyMs = 5_000 }: { path?: string; maxOpen?: number; busyMs?: number } = {}) {
  const { run, services } = instance({ offers: { "app:db": { service: "sql", spec: { path, maxOpen, busyMs } } } });
  opened.push(services.services);
  const on = async (body: string): Promise<Value> => await run(`local db = assert(sql.get("db")) ${body}`);
  return { run, on };
}

const table = `assert(db:execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE, score REAL, data BLOB)"))`;

test("executes and queries, with parameters by position and by name", async () => {
  expect(
    await world().on(`${table}
      local r = db:execute("INSERT INTO t (name, score) VALUES (?, ?), (?, ?)", {"ada", 1.5, "bob", 2})
      local rows = db:query("SELECT id, name, score FROM t WHERE name = :name OR score > :least ORDER BY id", {name = "ada", least = 1.9})
      return {r.rows_affected, r.last_insert_id, rows, db:query("SELECT * FROM t WHERE 0"), db:type()}`),
  ).toEqual([
    2,
    2,
    [
      { id: 1, name: "ada", score: 1.5 },
      { id: 2, name: "bob", score: 2 },
    ],
    [],
    "sqlite",
  ]);
});

test("keeps types: integers of 64 bits, floats, bytes, booleans, NULL", async () => {
  expect(
    await world().on(`
      local function typed(value) local r = assert(db:query("SELECT typeof(?1) AS t, ?1 AS v", {value}))[1] return {r.t, r.v} end
      return {
        typed(7), typed(1.5), typed(9223372036854775807), typed("x"), typed(true), typed(sql.NULL), typed(sql.as.null()),
        typed(sql.as.float(2)), typed(sql.as.int(2.9)), typed(sql.as.text(5)), typed(sql.as.binary("ab")), typed(string.char(255)),
        db:query("SELECT ?1 AS a, ?2 AS b, ?3 AS c", {1, nil, 3}),
      }`),
  ).toEqual([
    ["integer", 7],
    ["real", 1.5],
    ["integer", 9223372036854775807n],
    ["text", "x"],
    ["integer", 1],
    ["null"],
    ["null"],
    ["real", 2],
    ["integer", 2],
    ["text", "5"],
    ["blob", "ab"],
    ["blob", Uint8Array.of(255)],
    [{ a: 1, c: 3 }],
  ]);
});

test("runs a script of several statements", async () => {
  expect(
    await world().on(`
      local r = assert(db:execute("CREATE TABLE a (x); INSERT INTO a VALUES (1), (2); INSERT INTO a VALUES (3);"))
      return {r.rows_affected, db:query("SELECT sum(x) AS s FROM a")[1].s}`),
  ).toEqual([3, 6]);
});

test("prepared statements run often, until they are closed", async () => {
  expect(
    await world().on(`${table}
      local insert = assert(db:prepare("INSERT INTO t (name) VALUES (?)"))
      for _, name in ipairs({"a", "b", "c"}) do assert(insert:execute({name})) end
      local count = assert(db:prepare("SELECT count(*) AS n FROM t"))
      local n = count:query()[1].n
      insert:close()
      local _, closed = insert:execute({"d"})
      local _, wrong = db:prepare("SELEC 1")
      return {n, tostring(closed), wrong:kind(), tostring(wrong)}`),
  ).toEqual([3, "the statement was closed", "Invalid", 'near "SELEC": syntax error']);
});

test("says what is wrong: statements, constraints, parameters, unknown databases", async () => {
  expect(
    await world().on(`${table}
      local function fail(...) local v, e = ... assert(v == nil) return {e:kind(), tostring(e)} end
      db:execute("INSERT INTO t (name) VALUES ('a')")
      return {
        fail(db:query("SELECT * FROM nowhere")),
        fail(db:execute("INSERT INTO t (name) VALUES (?)", {"a"})),
        fail(db:query("SELECT ?", {{}})),
        fail(db:query("SELECT ?", {1, a = 2})),
        fail(db:query(" ")),
        fail(sql.get("dbb")),
        fail(sql.get("")),
      }`),
  ).toEqual([
    ["Invalid", "no such table: nowhere"],
    ["Conflict", "UNIQUE constraint failed: t.name"],
    ["Invalid", "parameter 1 is a table: encode it first, as JSON for example"],
    ["Invalid", "parameters have positions or names, not both"],
    ["Invalid", "a statement is required"],
    ["NotFound", "there is no database app:dbb; did you mean app:db?"],
    ["Invalid", "the id of a database is required"],
  ]);
});

test.each([undefined, "file"])("a transaction is seen by others when it is committed (%s)", async (name) => {
  const path = name === undefined ? undefined : join(folder(), "deep", "a.db");
  const { on } = world(path === undefined ? {} : { path });
  expect(
    await on(`${table}
      local tx = assert(db:begin())
      tx:execute("INSERT INTO t (name) VALUES ('a')")
      tx:savepoint("s")
      tx:execute("INSERT INTO t (name) VALUES ('b')")
      tx:rollback_to("s")
      local inside = tx:query("SELECT name FROM t")
      assert(tx:commit())
      local _, ended = tx:query("SELECT 1")
      local other = assert(db:begin())
      other:execute("DELETE FROM t")
      other:rollback()
      return {inside, db:query("SELECT name FROM t"), tostring(ended), tx:db_type()}`),
  ).toEqual([[{ name: "a" }], [{ name: "a" }], "app:db: the transaction was committed", "sqlite"]);
  if (path !== undefined) expect(existsSync(path)).toBe(true);
});

test("a transaction whose program ends is rolled back, and those that wait for it go on", async () => {
  const { on } = world();
  await on(`${table} local tx = db:begin() tx:execute("INSERT INTO t (name) VALUES ('lost')")`);
  expect(
    await on(`assert(db:execute("INSERT INTO t (name) VALUES ('kept')")) return db:query("SELECT name FROM t")`),
  ).toEqual([{ name: "kept" }]);
});

test("writers of one file take turns: no update is lost", async () => {
  const { on } = world({ path: join(folder(), "a.db") });
  await on(`db:execute("CREATE TABLE c (n); INSERT INTO c VALUES (0)")`);
  const add = `local tx = assert(db:begin())
    local n = assert(tx:query("SELECT n FROM c"))[1].n
    assert(tx:execute("UPDATE c SET n = ?", {n + 1}))
    assert(tx:commit())`;
  await Promise.all(Array.from({ length: 12 }, () => on(add)));
  expect(await on(`return db:query("SELECT n FROM c")[1].n`)).toBe(12);
});

test("a read-only transaction writes nothing", async () => {
  expect(
    await world().on(`${table}
      local tx = assert(db:begin({read_only = true}))
      local _, err = tx:execute("INSERT INTO t (name) VALUES ('a')")
      tx:rollback()
      local tx2 = assert(db:begin())
      assert(tx2:execute("INSERT INTO t (name) VALUES ('b')"))
      tx2:commit()
      return tostring(err)`),
  ).toBe("attempt to write a readonly database");
});

test("a lock that is held too long is reported, not waited for for ever", async () => {
  expect(
    await world({ maxOpen: 1, busyMs: 20 }).on(`
      local tx = assert(db:begin())
      local _, err = db:begin()
      return {err:kind(), err:retryable(), db:stats().in_use}`),
  ).toEqual(["Unavailable", true, 1]);
});

test("no statement reaches another file, or leaves a transaction open", async () => {
  const there = join(folder(), "other.db");
  const refused = await world().on(`
    local function fail(text) local _, e = db:execute(text) return tostring(e) end
    return {fail("ATTACH DATABASE '${there}' AS other"), fail("VACUUM INTO '${there}'"), fail("BEGIN"), fail("SELECT load_extension('x')")}`);
  expect(refused).toEqual([
    "not authorized",
    "authorization denied",
    "a transaction is begun with db:begin(), not by a statement",
    "not authorized",
  ]);
  expect(existsSync(there)).toBe(false);
});

test("a released database takes no more statements", async () => {
  expect(await world().on(`db:release() local _, e = db:query("SELECT 1") return tostring(e)`)).toBe(
    "app:db: the database was released",
  );
});

test("a program that may not reach the database does not", async () => {
  const offers = { "app:db": { service: "sql", spec: { path: undefined, maxOpen: 1, busyMs: 20 } } } as const;
  const { run } = instance({ offers, security: { policies: [], broken: [], strict: true } });
  expect(await run(`local db, err = sql.get("db") return {db == nil, err:kind(), tostring(err)}`)).toEqual([
    true,
    "PermissionDenied",
    expect.stringContaining("db.get"),
  ]);
});

test("every isolation level is kept, and another one is told", async () => {
  expect(
    await world().on(`${table}
      local kept = {}
      for name, level in pairs(sql.isolation) do
        local tx = assert(db:begin({ isolation = level }))
        assert(tx:commit())
        kept[#kept + 1] = name
      end
      local _, err = db:begin({ isolation = "serialisable" })
      return { #kept, tostring(err) }`),
  ).toEqual([
    5,
    expect.stringMatching(
      /no such isolation level "serialisable": .*sql.isolation.SERIALIZABLE; did you mean serializable\?/,
    ),
  ]);
});
