import { expect, test } from "vitest";
import type { Log, LogFields } from "../../../../src/core/log.ts";
import { Folder, served, shown } from "./support.ts";

const gives = (value: number): string => `(module (func (export "f") (result i32) (i32.const ${value})))`;

test("files that appear, change and go away are picked up while it runs", async () => {
  await using app = await served({});
  expect((await app.post("/call/a/f")).status).toBe(404);
  let heard = app.changed();
  app.folder.write("a.wat", gives(1));
  await heard;
  expect(await shown(await app.post("/call/a/f"))).toEqual([200, 1]);
  heard = app.changed();
  app.folder.write("a.wat", gives(2));
  await heard;
  expect(await shown(await app.post("/call/a/f"))).toEqual([200, 2]);
  heard = app.changed();
  app.folder.write("a.wit", "f: func() -> bool;");
  await heard;
  expect(await shown(await app.post("/call/a/f"))).toEqual([200, true]);
  heard = app.changed();
  app.folder.remove("a.wat");
  await heard;
  expect((await app.post("/call/a/f")).status).toBe(404);
});

test("a file that becomes malformed is reported for itself; the others serve on", async () => {
  await using app = await served({ "a.wat": gives(1), "b.wat": gives(2) });
  let heard = app.changed();
  app.folder.write("a.wat", "(module");
  await heard;
  expect((await app.post("/call/a/f")).status).toBe(422);
  expect(await shown(await app.post("/call/b/f"))).toEqual([200, 2]);
  heard = app.changed();
  app.folder.write("a.wat", gives(3));
  await heard;
  expect(await shown(await app.post("/call/a/f"))).toEqual([200, 3]);
});

test("two files cannot have one name: the second one waits for it", async () => {
  await using app = await served({ "a.wasm": "guest:wat/answer.wasm", "a.wat": gives(1) });
  expect(await shown(await app.post("/execute/a.wat"))).toEqual([
    422,
    expect.objectContaining({ detail: expect.stringContaining("that of a.wasm") }),
  ]);
  app.folder.remove("a.wasm");
  while (app.library.states.some(({ failure, file }) => failure !== undefined || file === "a.wasm"))
    await app.changed();
  expect(await shown(await app.post("/execute/a.wat"))).toEqual([200, 1]);
});

test("many calls at once of a module that names itself all succeed", async () => {
  await using app = await served({
    "named.wat": `(module $named (global $n (mut i32) (i32.const 0)) (func (export "f") (result i32)
      (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)))`,
  });
  const responses = await Promise.all(
    Array.from({ length: 400 }, async () => await shown(await app.post("/call/named/f"))),
  );
  expect(new Set(responses.map((each) => JSON.stringify(each)))).toEqual(new Set(["[200,1]"]));
});

test("more calls than may run and wait are refused, and it goes on", async () => {
  await using app = await served(
    { "a.wat": `(module (func (export "spin") (loop (br 0))) (func (export "f") (result i32) (i32.const 1)))` },
    { slots: 1, queueLength: 1, limits: { executionMs: 500 } },
  );
  const statuses = await Promise.all(Array.from({ length: 4 }, async () => (await app.post("/call/a/spin")).status));
  expect(statuses.toSorted((a, b) => a - b)).toEqual([503, 503, 504, 504]);
  expect(await shown(await app.post("/call/a/f"))).toEqual([200, 1]);
});

test("what a function prints goes to the log", async () => {
  const lines: (readonly [string, LogFields | undefined])[] = [];
  const line = (message: string, fields?: LogFields): void => void lines.push([message, fields]);
  const log: Log = { debug: () => undefined, info: line, warn: line, error: line };
  await using app = await served(
    {
      "a.wat": `(module
        (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1) (data (i32.const 8) "printed\\n")
        (func (export "f") (result i32) (i32.store (i32.const 0) (i32.const 8)) (i32.store (i32.const 4) (i32.const 8))
          (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 100))))`,
    },
    { log },
  );
  expect(await shown(await app.post("/call/a/f"))).toEqual([200, 0]);
  expect(lines).toContainEqual(["printed", { id: "a:f", stream: "stdout" }]);
});

test("a folder that is not there is said so", async () => {
  using folder = new Folder();
  const gone = new Folder();
  gone[Symbol.dispose]();
  await expect(served(gone)).rejects.toMatchObject({
    code: "FILE_NOT_FOUND",
    message: expect.stringContaining(gone.path),
  });
  expect(folder.path).not.toBe(gone.path);
});
