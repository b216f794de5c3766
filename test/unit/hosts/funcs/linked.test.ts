import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRuntime, type Runtime } from "../../../../src/index.ts";

const guests = fileURLToPath(new URL("../../../guests", import.meta.url));

/** The fields that name a guest's binary. */
function binary(path: string): string {
  const hash = createHash("sha256")
    .update(readFileSync(join(guests, path)))
    .digest("hex");
  return `kind: function.wasm, fs: guests, path: ${path}, hash: "sha256:${hash}"`;
}

const app = binary("rust/user-app/user-app.wasm");
const store = binary("rust/user-store/user-store.wasm");
const sleeper = binary("rust/sleeper/sleeper.wasm");
const env = binary("wat/imports-env.wasm");
const folders: string[] = [];

async function start(entries: string, isolates = 1): Promise<Runtime> {
  const folder = mkdtempSync(join(tmpdir(), "weft-linked-"));
  folders.push(folder);
  mkdirSync(join(folder, "registry"));
  const head = `namespace: a\nentries:\n  - { name: guests, kind: fs.directory, directory: "${guests}" }\n`;
  writeFileSync(join(folder, "registry", "_index.yaml"), head + entries);
  return await createRuntime({ app: folder, isolates, strict: true });
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const functions = (from: string) =>
  `{ get-user: ${from}, save-user: nothing, find-users: nothing, blob: nothing, touch: nothing }`;

const entries = `
  - { name: nothing, kind: function.lua, source: return function() end }
  - name: context
    kind: function.lua
    modules: [ctx]
    source: return function(id) return { id = id, name = require("ctx").get("who") or "nobody", tags = {} } end
  - name: endless
    kind: function.lua
    modules: [time, ctx]
    source: return function() require("time").sleep("60s") end
  - name: limited
    kind: function.lua
    modules: [time]
    limits: { max_execution_ms: 20 }
    source: return function() require("time").sleep("60s") end
  - { name: far, kind: function.lua, pool: { worker_class: other, workers: 1, size: 1 }, source: "return function(id) return { id = id, name = 'far', tags = {} } end" }
  - name: single
    kind: function.lua
    modules: [time]
    pool: { type: static, size: 1 }
    source: return function(id) require("time").sleep("1ms") return { id = id, name = "n" .. id, tags = {} } end
  - name: back
    kind: function.lua
    modules: [funcs]
    source: |
      local funcs = require("funcs")
      return function(n) local v, e = funcs.call("a:there", n + 1) if e then error(e) end return v end
  - name: there
    kind: function.wat
    source: (module (import "env" "back" (func $back (param i32) (result i32))) (func (export "there") (param i32) (result i32) (call $back (local.get 0))))
    wit: "there: func(n: s32) -> s32;"
    method: there
    imports: [{ module: env, function: back, from: back }]
  - { name: store, ${store}, method: newer }
  - { name: touch, ${app}, method: touch, limits: { max_host_calls: 5 }, imports: [{ interface: "acme:users/store", from: store }] }
${["context", "endless", "limited", "far", "single"]
  .flatMap((name) =>
    ["direct", "jco"].map(
      (engine) =>
        `  - { name: ${engine}_${name}, ${app}, engine: ${engine}, method: name-of, imports: [{ interface: "acme:users/store", functions: ${functions(name)} }] }`,
    ),
  )
  .join("\n")}
`;

describe("a call of a linked import", () => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await start(entries, 2);
  });
  afterAll(async () => await runtime[Symbol.asyncDispose]());

  test.each(["direct", "jco"])("inherits the values of the guest's own call (%s)", async (engine) => {
    const call = (who: string) => runtime.callWith(`a:${engine}_context`, [2], { values: { who } });
    expect(await Promise.all([call("Ada"), call("Grace")])).toEqual(["Ada", "Grace"]);
    expect(await runtime.call(`a:${engine}_context`, 2)).toBe("nobody");
  });

  test.each(["direct", "jco"])("ends with the guest's own call (%s)", async (engine) => {
    const late = runtime.callWith(`a:${engine}_endless`, [2], { timeoutMs: 30 });
    await expect(late).rejects.toMatchObject({ code: "CALL_TIMEOUT" });
    const gone = new AbortController();
    const canceled = runtime.callWith(`a:${engine}_endless`, [2], { signal: gone.signal });
    gone.abort();
    await expect(canceled).rejects.toMatchObject({ code: "CALL_CANCELED" });
  });

  test.each(["direct", "jco"])(
    "is held to the callee's limits, whose failure the guest handles (%s)",
    async (engine) => {
      expect(await runtime.call(`a:${engine}_limited`, 2)).toMatch(/^failed: a:limited .*(in time|limit of 20 ms)$/);
    },
  );

  test.each(["direct", "jco"])("runs where its pool is, and waits for a slot (%s)", async (engine) => {
    expect(await runtime.call(`a:${engine}_far`, 2)).toBe("far");
    const names = await Promise.all(Array.from({ length: 20 }, (_, id) => runtime.call(`a:${engine}_single`, id)));
    expect(names).toEqual(Array.from({ length: 20 }, (_, id) => `n${id}`));
  });

  test("that comes back without end is ended, and says so in few words", async () => {
    const failed: unknown = await runtime.call("a:there", 0).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: "CALL_DEPTH", message: expect.stringMatching(/calls nest deeper than \d+/) });
    expect(String(failed).length).toBeLessThan(1_000);
  });

  test("counts as a call of a host", async () => {
    expect(await runtime.call("a:touch", 5)).toBeNull();
    await expect(runtime.call("a:touch", 6)).rejects.toMatchObject({ code: "HOST_CALLS_EXCEEDED" });
  });
});

/** Entries of the same binaries, one that may and one that may not; in either order of loading and of calling. */
function pairs(mayFirst: boolean, engine: string): string {
  const pair = (name: string, fields: string, imports: string): string[] => {
    const may = `  - { name: ${mayFirst ? "a" : "z"}_${name}, ${fields}, imports: [${imports}] }`;
    const mayNot = `  - { name: ${mayFirst ? "z" : "a"}_${name}, ${fields} }`;
    return mayFirst ? [may, mayNot] : [mayNot, may];
  };
  return [
    `  - { name: plus, kind: function.lua, source: "return function(a) return a + 1 end" }`,
    `  - { name: log, kind: function.lua, source: "return function() return true end" }`,
    ...pair("sleep", `${sleeper}, engine: ${engine}, method: test-sleep#sleep-ms`, `"wasi:clocks", "wasi:poll"`),
    ...pair("say", `${app}, engine: ${engine}, method: say`, "{ function: log, from: log }"),
    ...pair(
      "env",
      `${env}, method: use_f, wit: "use_f: func(a: s32) -> s32;"`,
      "{ module: env, function: f, from: plus }",
    ),
  ].join("\n");
}

const orders = ["direct", "jco"].flatMap((engine) =>
  [true, false].flatMap((mayFirst) => [true, false].map((callsFirst) => ({ engine, mayFirst, callsFirst }))),
);

test.each(orders)(
  "what one entry may import no other gets: $engine, allowed first: $mayFirst, called first: $callsFirst",
  async ({ engine, mayFirst, callsFirst }) => {
    await using runtime = await start(pairs(mayFirst, engine));
    const [may, mayNot] = mayFirst ? ["a", "z"] : ["z", "a"];
    const allowed = async (): Promise<void> => {
      expect(await runtime.call(`a:${may}_sleep`, 1)).toBeGreaterThan(0);
      expect(await runtime.call(`a:${may}_say`, "hello")).toBe(true);
      expect(await runtime.call(`a:${may}_env`, 41)).toBe(42);
    };
    const denied = async (): Promise<void> => {
      const line = (text: string) => ({ message: expect.stringContaining(text) });
      await expect(runtime.call(`a:${mayNot}_sleep`, 1)).rejects.toMatchObject({
        code: "IMPORT_DENIED",
        ...line('add "wasi:clocks" to its imports'),
      });
      await expect(runtime.call(`a:${mayNot}_say`, "hello")).rejects.toMatchObject({
        code: "TRAP_MISSING_IMPORT",
        ...line("add {function: log, from: namespace:entry} to its imports"),
      });
      await expect(runtime.call(`a:${mayNot}_env`, 1)).rejects.toMatchObject({
        code: "TRAP_MISSING_IMPORT",
        ...line("add {module: env, function: f, from: namespace:entry} to its imports"),
      });
    };
    for (const step of callsFirst ? [allowed, denied, allowed] : [denied, allowed, denied]) await step();
  },
);
