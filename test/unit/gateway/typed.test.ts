import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { router, serveApp, type ServedApp } from "./support/app.ts";

const shapes = fileURLToPath(new URL("../../guests/rust/shapes", import.meta.url));
const hash = createHash("sha256")
  .update(readFileSync(`${shapes}/shapes.wasm`))
  .digest("hex");

/** A function of the component behind a route, with its arguments from the request. */
const typed = (method: string, path: string, fn: string, more = ""): string => {
  const name = `${fn}${method}${path}`.replaceAll(/[^A-Za-z0-9]/g, "_");
  return `
  - { name: ${name}_e, kind: http.endpoint, meta: { router: router }, method: ${method}, path: "${path}", func: ${name} }
  - name: ${name}
    kind: function.wasm
    fs: guests
    path: shapes.wasm
    hash: "sha256:${hash}"
    method: ${fn}
    transport: wasi-http
    ${more}`;
};

const spin = `
  - { name: spin_e, kind: http.endpoint, meta: { router: router }, method: POST, path: /spin, func: spin }
  - name: spin
    kind: function.wat
    source: '(module (func (export "spin") (result i32) (loop (br 0)) (unreachable)))'
    wit: "spin: func() -> s32;"
    method: spin
    transport: wasi-http
    limits: { max_execution_ms: 100 }
  - { name: plain_e, kind: http.endpoint, meta: { router: router }, method: POST, path: /plain, func: plain }
  - name: plain
    kind: function.wat
    source: '(module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))'
    method: add
    transport: wasi-http`;

let app: ServedApp;
beforeAll(async () => {
  app = await serveApp(
    `
  - { name: guests, kind: fs.directory, directory: ${JSON.stringify(shapes)} }
` +
      router() +
      typed("POST", "/string", "echo-string") +
      typed("GET", "/string/{v}", "echo-string") +
      typed("POST", "/bytes", "echo-bytes") +
      typed("POST", "/point", "echo-point") +
      typed("GET", "/point/{x}", "echo-point") +
      typed("POST", "/u64", "echo-u64") +
      typed("POST", "/names", "echo-list-string") +
      typed("GET", "/names", "echo-list-string") +
      typed("GET", "/divide/{a}", "divide") +
      typed("POST", "/divide", "divide") +
      typed("POST", "/checked", "checked") +
      typed("POST", "/option", "echo-option-u32") +
      typed("POST", "/option-text", "echo-option-string") +
      typed("POST", "/nothing", "nothing") +
      typed("POST", "/users", "transform-users") +
      typed("POST", "/greet", "optional-tail") +
      typed("POST", "/panics", "panics") +
      typed("POST", "/panics/point", "parse-point") +
      typed("POST", "/long", "make-string") +
      spin,
  );
});
afterAll(async () => await app[Symbol.asyncDispose]());

interface Sent {
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
}

async function ask(path: string, { body, headers = {}, method = "POST" }: Sent = {}) {
  const response = await app.fetch(path, { method, headers, ...(body !== undefined && { body }) });
  return {
    status: response.status,
    type: response.headers.get("content-type"),
    text: await response.text(),
  };
}

const json = (value: unknown): Sent => ({
  body: JSON.stringify(value),
  headers: { "content-type": "application/json" },
});

describe("the arguments of a function by wasi-http", () => {
  test.each<[string, string, Sent, string]>([
    ["a text is the body", "/string", { body: "ä text" }, "ä text"],
    ["a text without a body is a parameter of the path", "/string/Ada%20L", { method: "GET" }, "Ada L"],
    ["an empty body is an empty text", "/string", {}, ""],
    ["a number is JSON, exactly", "/u64", { body: "18446744073709551615" }, "18446744073709551615"],
    ["a list is JSON", "/names", json(["a", "b"]), '["a","b"]'],
    ["a list is every parameter of its name", "/names?v=a&v=b%20c", { method: "GET" }, '["a","b c"]'],
    ["a record is a JSON object", "/point", json({ x: 1, y: -2 }), '{"x":1,"y":-2}'],
    ["a record's fields come from path and query", "/point/3?y=4", { method: "GET" }, '{"x":3,"y":4}'],
    ["a field of the query wins over the body's", "/point?y=9", json({ x: 1, y: 2 }), '{"x":1,"y":9}'],
    [
      "a record's fields come from a form",
      "/point",
      { body: "x=5&y=6", headers: { "content-type": "application/x-www-form-urlencoded" } },
      '{"x":5,"y":6}',
    ],
    ["parameters come by name from path and query", "/divide/7?b=2", { method: "GET" }, "3"],
    ["parameters come by name from a JSON object", "/divide", json({ b: 2, a: 9 }), "4"],
    ["parameters come in order from a JSON array", "/divide", json([9, 3]), "3"],
    ["the one that is not named is the body", "/greet?greeting=Hi&mark=!", { body: "Ada" }, "Hi, Ada!"],
    ["options may be left out", "/greet?name=Ada", {}, "Hello, Ada"],
    ["a parameter of a core module without a signature is an item of the array", "/plain", json([20, 22]), "42"],
  ])("%s", async (_, path, sent, text) => {
    const answer = await ask(path, sent);
    expect(answer.text).toBe(text);
    expect(answer.status).toBe(200);
  });

  test("bytes are the body, whatever they are", async () => {
    const body = Uint8Array.from({ length: 200_000 }, (_, index) => index % 251);
    const response = await app.fetch("/bytes", { method: "POST", body });
    expect(response.headers.get("content-type")).toBe("application/octet-stream");
    expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true);
  });

  test.each<[string, string, Sent, string]>([
    ["a body that is no JSON", "/point", { body: "{x", headers: { "content-type": "application/json" } }, "JSON"],
    ["a body of several parameters that is no JSON", "/divide", { body: "{x" }, "the body is none"],
    ["a body of another shape", "/point", json({ x: "one", y: 2 }), "x"],
    ["a parameter that is missing", "/divide/7", { method: "GET" }, "the request has no b"],
    ["a number out of range", "/u64", { body: "-1" }, "u64"],
    ["a body that is no UTF-8", "/string", { body: Uint8Array.of(0xff, 0xfe) }, "UTF-8"],
  ])("%s is answered with 400", async (_, path, sent, said) => {
    const answer = await ask(path, sent);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain(said);
  });

  test("what is wrong is told to those who speak JSON in a problem document", async () => {
    const answer = await ask("/point", json({ x: "one", y: 2 }));
    expect(answer.type).toBe("application/problem+json");
    expect(JSON.parse(answer.text)).toMatchObject({ status: 400, title: "Bad Request", code: "INVALID_ARGUMENT" });
  });
});

test.each(["", "1", "[1,2,3]", "text", '["a",1]', "{}"])(
  "a function without a signature is told %j: the client's mistake",
  async (body) => {
    const { status, text } = await ask("/plain", { body });
    expect([status, text]).toEqual([400, expect.stringMatching(/expected/)]);
    expect((await ask("/plain", { body: "[1,2]" })).text).toBe("3");
  },
);

describe("the response of a function by wasi-http", () => {
  test("nothing is 204, and so is none", async () => {
    expect(await ask("/nothing")).toEqual({ status: 204, type: null, text: "" });
    expect(await ask("/option", { body: "null" })).toEqual({ status: 204, type: null, text: "" });
    expect((await ask("/option", { body: "7" })).text).toBe("7");
  });

  test("texts are plain, data is JSON", async () => {
    expect((await ask("/string", { body: "x" })).type).toBe("text/plain; charset=utf-8");
    const users = await ask("/users", json([{ id: 1, name: "Ada", tags: ["a"], active: true }]));
    expect(users.type).toBe("application/json");
    expect(JSON.parse(users.text)).toHaveLength(1);
  });

  test("a long text arrives whole", async () => {
    expect((await ask("/long", { body: "300000" })).text).toHaveLength(300_000);
  });

  test("an err is a failure of the client, unless its name says otherwise", async () => {
    const divided = await ask("/divide", json({ a: 1, b: 0 }));
    expect(divided).toMatchObject({ status: 400, type: "application/problem+json" });
    expect(JSON.parse(divided.text)).toMatchObject({ type: "about:blank", status: 400, detail: "division by zero" });
    expect((await ask("/panics/point", { body: "no point" })).status).toBe(400);
  });

  test("a trap is 500, and the isolate goes on", async () => {
    const panic = await ask("/panics", { body: "on purpose", headers: { accept: "application/json" } });
    expect(panic).toMatchObject({ status: 500, type: "application/problem+json" });
    expect(JSON.parse(panic.text)).toMatchObject({ code: "TRAP_UNREACHABLE", status: 500 });
    expect(await ask("/panics", { body: "on purpose" })).toMatchObject({
      status: 500,
      type: "text/plain; charset=utf-8",
    });
    expect((await ask("/u64", { body: "1" })).text).toBe("1");
  });

  test("a call that runs out of time is 504", async () => {
    const spun = await ask("/spin");
    expect(spun).toMatchObject({ status: 504, type: "application/problem+json" });
    expect(JSON.parse(spun.text)).toMatchObject({ title: "Gateway Timeout", code: "CALL_TIMEOUT" });
  });
});

test("a function by wasi-http that other entries call takes its arguments as ever", async () => {
  expect(await app.runtime.call("api:dividePOST_divide", 9, 3)).toEqual({ ok: 3 });
  await expect(app.runtime.call("api:dividePOST_divide")).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});
