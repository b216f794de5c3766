import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRuntime } from "../../../src/index.ts";

const guests = fileURLToPath(new URL("../../guests/rust/shapes/", import.meta.url));

let app = "";

beforeAll(async () => {
  app = await mkdtemp(join(tmpdir(), "weft-library-"));
  await cp(guests, join(app, "shapes"), { recursive: true });
  await writeFile(
    join(app, "_index.yaml"),
    `namespace: app
entries:
  - { name: rights, kind: function.wasm, source: "file://shapes/shapes.wasm", method: echo-permissions }
  - { name: list, kind: function.wasm, source: "file://shapes/shapes.wasm", method: echo-list-u32 }
  - { name: point, kind: function.wasm, source: "file://shapes/shapes.wasm", method: echo-point }
`,
  );
});

afterAll(() => rm(app, { recursive: true, force: true }));

describe.each([0, 1])("a runtime with %d isolates", (isolates) => {
  test("refuses calls once it was disposed of, and may be disposed of twice", async () => {
    const runtime = await createRuntime({ app, isolates });
    expect(await runtime.call("app:list", [1, 2])).toEqual([1, 2]);
    await Promise.all([runtime[Symbol.asyncDispose](), runtime[Symbol.asyncDispose]()]);
    await expect(runtime.call("app:list", [1])).rejects.toMatchObject({ code: "POOL_CLOSED", kind: "Unavailable" });
    await expect(runtime.exec("app:list", "app:host", [])).rejects.toMatchObject({ code: "POOL_CLOSED" });
  });
});

test("a Set is a list of its values, and no record", async () => {
  await using runtime = await createRuntime({ app, isolates: 0 });
  expect(await runtime.call("app:rights", new Set(["read"]))).toEqual({ read: true });
  expect(await runtime.call("app:list", new Set([3, 4]))).toEqual([3, 4]);
  await expect(runtime.call("app:point", new Set([1]))).rejects.toThrow("got a Set of 1");
});

test("a runtime without an app is refused in words", async () => {
  // @ts-expect-error -- as a program in JavaScript may call it
  await expect(createRuntime({})).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});
