import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { served, shown } from "./support.ts";

const math = `(module
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "half") (param f64) (result f64) (f64.div (local.get 0) (f64.const 2)))
  (func (export "wide") (param i64) (result i64) (local.get 0))
  (func (export "divmod") (param i32 i32) (result i32 i32)
    (i32.div_u (local.get 0) (local.get 1)) (i32.rem_u (local.get 0) (local.get 1)))
  (func (export "nothing"))
  (func (export "fail") unreachable)
  (func (export "spin") (loop (br 0))))`;

/** Gives back what it was given, by the convention of plain plugins. */
const echo = (name: string, lane: "i32" | "i64"): string => {
  const wide = (get: string): string => (lane === "i64" ? get : `(i64.extend_i32_u ${get})`);
  return `(module (memory (export "memory") 4)
    (func (export "allocate") (param ${lane}) (result ${lane}) (${lane}.const 1024))
    (func (export "${name}") (param ${lane} ${lane}) (result i64)
      (i64.or (i64.shl ${wide("(local.get 0)")} (i64.const 32)) ${wide("(local.get 1)")})))`;
};

/** Prints its input on stdout and "done" on stderr; exits with 3 when there is no input. */
const cat = `(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "done\\n")
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 4096))
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
    (i32.store (i32.const 4) (i32.load (i32.const 8)))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12)))
    (i32.store (i32.const 16) (i32.const 64)) (i32.store (i32.const 20) (i32.const 5))
    (drop (call $write (i32.const 2) (i32.const 16) (i32.const 1) (i32.const 12)))
    (if (i32.eqz (i32.load (i32.const 8))) (then (call $exit (i32.const 3))))))`;

type App = Awaited<ReturnType<typeof served>>;
let app: App;

beforeAll(async () => {
  app = await served(
    {
      "math.wat": math,
      "signed.wat": math,
      "signed.wit": "add: func(a: u32, b: u32) -> u32; half: func(x: f64) -> f64;",
      "echo.wat": echo("greet", "i32"),
      "echo64.wat": echo("greet", "i64"),
      "deep/er/cat.wat": cat,
      "users.wasm": "guest:wat/component.wasm",
      "shapes.wasm": "guest:rust/shapes/shapes.wasm",
      "web.wasm": "guest:rust/web/web.wasm",
      "hello.wasm": "guest:c/hello/hello.wasm",
      "twins.wat": `(module (func (export "a b") (result i32) (i32.const 0)) (func (export "a-b") (result i32) (i32.const 1))
        (func (export "a+b") (result i32) (i32.const 2)))`,
      "broken.wat": "(module (func (export",
      "checked.wat": `(module (memory (export "memory") 1)
        (func (export "checked") (param $ok i32) (result i32)
          (i32.store8 (i32.const 16) (i32.eqz (local.get $ok))) (i32.store (i32.const 20) (i32.const 7)) (i32.const 16)))`,
      "checked.wit": "checked: func(ok: bool) -> result<s32, s32>;",
      "empty.wasm": "",
      "hog.wat": `(module (memory (export "memory") 4096) (func (export "f")))`,
    },
    { limits: { executionMs: 2_000, memoryBytes: 64 << 20, outputBytes: 1 << 20 } },
  );
});
afterAll(async () => await app[Symbol.asyncDispose]());

describe("numbers", () => {
  test.each([
    ["/call/math/add", "[10, 20]", 30],
    ["/call/math/add", "[1, -2]", -1],
    ["/execute/math.wat?func=add", "[10, 20]", 30],
    ["/execute/math?func=add&arg=6&arg=7", undefined, 13],
    ["/call/math/half", "[3]", 1.5],
    ["/call/math/half", "3", 1.5],
    ["/call/math/divmod", "[17, 5]", [3, 2]],
    ["/call/signed/add", `{"a": 4294967295, "b": 0}`, 4_294_967_295],
  ])("%s with %s gives %s", async (path, body, result) => {
    expect(await shown(await app.post(path, body))).toEqual([200, result]);
  });

  test("64-bit integers keep their digits", async () => {
    const response = await app.post("/call/math/wide", "[9007199254740993]");
    expect(await response.text()).toBe("9007199254740993");
  });

  test("no result is no content", async () => {
    expect((await app.post("/call/math/nothing")).status).toBe(204);
  });
});

describe("text by address and length", () => {
  test.each(["echo", "echo64"])("%s gives back a body as it came", async (file) => {
    const body = "grüß dich ".repeat(1_000);
    const response = await app.post(`/execute/${file}.wat`, body);
    expect([response.headers.get("content-type"), await response.text()]).toEqual(["text/plain; charset=utf-8", body]);
    expect(await (await app.post(`/execute/${file}`)).text()).toBe("");
  });

  test("bytes that are no text are bytes", async () => {
    const response = await app.post("/execute/echo", Uint8Array.of(0, 255, 1));
    expect([response.headers.get("content-type"), await response.bytes()]).toEqual([
      "application/octet-stream",
      Uint8Array.of(0, 255, 1),
    ]);
  });

  test("/call speaks JSON", async () => {
    expect(await shown(await app.post("/call/echo/greet", `["Ada"]`))).toEqual([200, "Ada"]);
    expect(await shown(await app.post("/call/echo/greet", `{"input": "Ada"}`))).toEqual([200, "Ada"]);
  });
});

describe("commands", () => {
  test("get the body as their input; what they print is the answer", async () => {
    expect(await shown(await app.post("/execute/deep/er/cat.wat", "hello"))).toEqual([200, "hello"]);
    expect(await shown(await app.post("/call/deep.er.cat/run", `{"a": 1}`))).toEqual([200, { a: 1 }]);
  });

  test("another status than 0 is a problem that tells what they said", async () => {
    expect(await shown(await app.post("/execute/deep/er/cat.wat"))).toEqual([
      500,
      expect.objectContaining({ code: "GUEST_EXIT", exit_code: 3, stderr: "done", status: 500 }),
    ]);
  });
});

describe("components", () => {
  test.each([
    ["/call/shapes/echo-point", `{"v": {"x": 1, "y": 2}}`, 200, { x: 1, y: 2 }],
    ["/call/shapes/echo_point", `[{"x": 1, "y": 2}]`, 200, { x: 1, y: 2 }],
    ["/call/shapes/echo-u64", "[18446744073709551615]", 200, 18_446_744_073_709_552_000],
    ["/call/shapes/divide", "[1, 0]", 400, expect.objectContaining({ error: "division by zero" })],
    ["/execute/shapes?func=echo-string", "as it is", 200, "as it is"],
    ["/call/shapes/panics", `["boom"]`, 500, expect.objectContaining({ code: "TRAP_UNREACHABLE" })],
    ["/execute/web.wasm", "", 404, expect.objectContaining({ detail: expect.stringContaining("/handle/web.wasm/") })],
  ])("%s of %s is %s", async (path, body, status, answer) => {
    expect(await shown(await app.post(path, body))).toEqual([status, answer]);
  });
});

test("commands of a compiler get words and input", async () => {
  expect(await shown(await app.post("/execute/hello?arg=args&arg=--two"))).toEqual([200, "--two\n"]);
  expect(await shown(await app.post("/execute/hello?arg=cat", "through"))).toEqual([200, "through"]);
});

test("names that ids cannot tell apart are told apart", async () => {
  const ids = app.library.file("twins").functions.map(({ id }) => id);
  expect(new Set(ids).size).toBe(3);
  for (const [i, id] of ids.entries()) {
    expect(await shown(await app.post(`/call/${id.replace(":", "/")}`))).toEqual([200, i]);
  }
});

describe("an error that a function gives", () => {
  test.each([
    ["/call/checked/checked", "[true]", 200, 7],
    ["/call/checked/checked", "[false]", 400, expect.objectContaining({ code: "OUTCOME", error: 7 })],
  ])("%s of %s is %s", async (path, body, status, answer) => {
    expect(await shown(await app.post(path, body))).toEqual([status, answer]);
  });
});

describe("the list of functions", () => {
  test("has every file, with its functions or what is wrong with it", async () => {
    const response = await app.app.request("/functions");
    expect(await response.json()).toMatchObject({
      modules: [
        { file: "broken.wat", status: "failed", problem: { detail: expect.stringMatching(/^broken\.wat:1:\d+/) } },
        { file: "checked.wat" },
        { file: "deep/er/cat.wat", namespace: "deep.er.cat", functions: [{ name: "_start", style: "command" }] },
        { file: "echo.wat", functions: [{ name: "greet", style: "text", call: "/call/echo/greet" }] },
        { file: "echo64.wat" },
        { file: "empty.wasm", status: "failed" },
        { file: "hello.wasm" },
        { file: "hog.wat", status: "failed", problem: { code: "MEMORY_EXCEEDED" } },
        {
          file: "math.wat",
          type: "core",
          functions: expect.arrayContaining([
            {
              id: "math:add",
              name: "add",
              style: "numbers",
              signature: "(i32, i32) -> i32",
              call: "/call/math/add",
              execute: "/execute/math.wat?func=add",
            },
          ]),
        },
        { file: "shapes.wasm", type: "component" },
        {
          file: "signed.wat",
          functions: expect.arrayContaining([expect.objectContaining({ signature: "func(a: u32, b: u32) -> u32" })]),
        },
        { file: "twins.wat" },
        { file: "users.wasm", type: "component" },
        { file: "web.wasm", type: "component" },
      ],
    });
  });
});

describe("what is wrong has a status and a problem document", () => {
  test.each([
    ["/execute/nope.wasm", "x", 404, "ENTRY_NOT_FOUND", "no file nope.wasm"],
    ["/execute/mat.wat?func=add", "x", 404, "ENTRY_NOT_FOUND", "did you mean math.wat"],
    ["/call/nope/add", "[]", 404, "ENTRY_NOT_FOUND", "no namespace nope"],
    ["/execute/math.wat?func=nope", "[]", 404, "METHOD_NOT_FOUND", `no export "nope"`],
    ["/execute/../../etc/passwd", "", 404, "ENTRY_NOT_FOUND", ""],
    ["/execute/%2e%2e%2fetc%2fpasswd", "", 404, "ENTRY_NOT_FOUND", ""],
    ["/nowhere", "", 404, "ENTRY_NOT_FOUND", "GET /functions"],
    ["/execute/math.wat", "[]", 400, "INVALID_ARGUMENT", "say which function"],
    ["/call/math/add", "[1, 2, 3]", 400, "INVALID_ARGUMENT", "expected 2 arguments, got 3"],
    ["/call/math/add", `["one", 2]`, 400, "INVALID_ARGUMENT", "argument 1"],
    ["/call/math/add", "{ 1", 400, "INVALID_ARGUMENT", "not JSON"],
    ["/call/math/add?arg=1", "[1]", 400, "INVALID_ARGUMENT", "not in both"],
    ["/call/signed/add", `{"a": 1, "c": 2}`, 400, "INVALID_ARGUMENT", "no parameter c; they are a, b"],
    ["/call/signed/add", `[-1, 2]`, 400, "INVALID_ARGUMENT", "u32"],
    ["/execute/broken.wat", "", 422, "ENTRY_FAILED", "broken.wat:1:"],
    ["/execute/empty.wasm", "", 422, "ENTRY_FAILED", "empty.wasm"],
    ["/execute/hog.wat", "", 422, "ENTRY_FAILED", "memory"],
    ["/call/math/fail", "", 500, "TRAP_UNREACHABLE", "unreachable"],
    ["/call/math/spin", "", 504, "CALL_TIMEOUT", "2000 ms"],
    ["/execute/echo.wat", "x".repeat((1 << 20) + 1), 413, "BODY_TOO_LARGE", "1048576 bytes"],
  ])("POST %s", async (path, body, status, code, detail) => {
    const response = await app.post(path, body);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await shown(response)).toEqual([
      status,
      expect.objectContaining({ type: "about:blank", status, code, detail: expect.stringContaining(detail) }),
    ]);
  });

  test.each([
    ["/execute/math.wat", "GET", "POST"],
    ["/call/math/add", "DELETE", "POST"],
    ["/functions", "POST", "GET, HEAD"],
  ])("%s does not answer %s", async (path, method, allow) => {
    const response = await app.app.request(path, { method });
    expect([response.status, response.headers.get("allow")]).toEqual([405, allow]);
  });

  test("an encoded body is refused", async () => {
    const response = await app.app.request("/execute/echo", {
      method: "POST",
      headers: { "content-encoding": "gzip" },
      body: "x",
    });
    expect(response.status).toBe(415);
  });
});
