import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endpoint, router, serveApp, type ServedApp } from "./support/app.ts";

const folder = join(import.meta.dirname, "../../guests/rust/web");
const hash = createHash("sha256")
  .update(readFileSync(join(folder, "web.wasm")))
  .digest("hex");

const web = (name: string, path: string, pool = ""): string => `
  - { name: ${name}_e, kind: http.endpoint, meta: { router: router }, method: POST, path: "${path}", func: ${name} }
  - { name: ${name}, kind: function.wasm, fs: guests, path: web.wasm, hash: "sha256:${hash}", imports: ["wasi:clocks"]${pool} }
`;

let app: ServedApp;
beforeAll(async () => {
  app = await serveApp(
    `${router()}
  - { name: guests, kind: fs.directory, directory: ${folder} }
${web("web", "/web/{rest...}")}
${web("narrow", "/web/sleep", `, pool: { type: lazy, max_size: 1, on_full: reject }`)}` +
      endpoint("GET", "/short", `res:set_header("Content-Length", "3") res:write("abcdef")`) +
      endpoint("GET", "/long", `res:set_header("Content-Length", "9") res:write("abcdef")`) +
      endpoint(
        "GET",
        "/short-parts",
        `res:set_header("Content-Length", "3") res:write("abc") res:flush() res:write("d")`,
      ) +
      endpoint("GET", "/long-parts", `res:set_header("Content-Length", "9") res:write("abc") res:flush()`) +
      endpoint(
        "GET",
        "/right-parts",
        `res:set_header("Content-Length", "6") res:write("abc") res:flush() res:write("def")`,
      ) +
      endpoint("GET", "/none", `local err = res:set_header("Content-Length", "-1") res:write(err:kind())`) +
      endpoint("GET", "/header", `return req:header("x-a")`) +
      endpoint("POST", "/overlooked", `local body, err = req:body() return { err = err ~= nil }`),
    { service: "    limits: { body_bytes: 200000 }" },
  );
});
afterAll(async () => await app[Symbol.asyncDispose]());

async function raw(...lines: readonly string[]): Promise<string> {
  const socket = connect(app.port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write(Buffer.from(lines.join("\r\n"), "latin1"));
  return await text(socket).catch(() => "");
}

const next = ["GET /right-parts HTTP/1.1", "Host: x", "Connection: close", "", ""] as const;

test.each(["/short", "/long"])("a length that a program gets wrong is put right: %s", async (path) => {
  const answers = await raw(`GET ${path} HTTP/1.1`, "Host: x", "", ...next);
  expect(answers).toMatch(/^HTTP\/1.1 200 [^]*Content-Length: 6\r\n(?:[^]*\r\n)?\r\nabcdefHTTP\/1.1 200 [^]*abcdef$/);
});

test("a body in parts that is longer than its length is cut at it", async () => {
  const answers = await raw("GET /short-parts HTTP/1.1", "Host: x", "", ...next);
  // What follows the three bytes is another response, or nothing.
  expect(answers).toMatch(/^HTTP\/1.1 200 [^]*?\r\n\r\nabc(HTTP\/1.1 [^]*)?$|^HTTP\/1.1 500 /);
});

test("a body in parts that is shorter than its length ends with its connection", async () => {
  await expect(app.fetch("/long-parts").then(async (response) => await response.text())).rejects.toThrow();
  expect(await (await app.fetch("/right-parts")).text()).toBe("abcdef");
});

test("a length that is none is refused", async () => {
  expect(await (await app.fetch("/none")).text()).toBe("Invalid");
});

test("HEAD may tell the length of what it leaves out", async () => {
  const response = await app.fetch("/right-parts", { method: "HEAD" });
  expect([response.status, response.headers.get("content-length")]).toEqual([200, "6"]);
});

test("headers of a request are texts in UTF-8, or else in Latin-1", async () => {
  const ask = async (value: string): Promise<string> =>
    await raw("GET /header HTTP/1.1", "Host: x", `X-A: ${value}`, "Connection: close", "", "");
  expect(await ask(Buffer.from("grün").toString("latin1"))).toContain('"grün"');
  expect(await ask("gr\u00fcn")).toContain('"grün"');
});

test.each([
  ["two hosts", ["Host: a", "Host: b"], /^HTTP\/1.1 400 [^]*one host/],
  ["an encoding beside chunks", ["Host: a", "Transfer-Encoding: gzip, chunked"], /^HTTP\/1.1 501 [^]*gzip/],
])("%s are refused", async (_what, headers, answer) => {
  expect(await raw("POST /overlooked HTTP/1.1", ...headers, "", "0", "", "")).toMatch(answer);
});

test("HTTP/1.0 needs no host", async () => {
  expect(await raw("GET /right-parts HTTP/1.0", "", "")).toMatch(/^HTTP\/1.1 200 [^]*abcdef$/);
});

test("whoever asks before sending is told to go on, or not to", async () => {
  const ask = async (length: number, body: string): Promise<string> =>
    await raw(
      "POST /overlooked HTTP/1.1",
      "Host: x",
      "Connection: close",
      "Expect: 100-continue",
      `Content-Length: ${length}`,
      "",
      body,
    );
  expect(await ask(2, "{}")).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 /);
  expect(await ask(200_001, "")).toMatch(/^HTTP\/1.1 413 /);
});

test.each(["/overlooked", "/web/count"])(
  "a body beyond the limit is 413 also when %s overlooks that it broke off",
  async (path) => {
    const chunk = `2710\r\n${"x".repeat(10_000)}\r\n`;
    const head = [`POST ${path} HTTP/1.1`, "Host: x", "Transfer-Encoding: chunked", ""];
    expect(await raw(...head, `${chunk.repeat(21)}0`, "", "")).toMatch(/^HTTP\/1.1 413 /);
    const length = await raw(`POST ${path} HTTP/1.1`, "Host: x", "Content-Length: 200001", "", "");
    expect(length).toMatch(/^HTTP\/1.1 413 /);
  },
);

test("a response that began before its request broke off does not end as if it were whole", async () => {
  const chunk = `2710\r\n${"x".repeat(10_000)}\r\n`;
  const head = ["POST /web/echo HTTP/1.1", "Host: x", "Transfer-Encoding: chunked", ""];
  expect(await raw(...head, `${chunk.repeat(21)}0`, "", "")).not.toMatch(/\r\n0\r\n\r\n$/);
});

test("a handler whose pool is full is 503, and is there again", async () => {
  const ask = async (): Promise<number> => (await app.fetch("/web/sleep?1000", { method: "POST" })).status;
  const statuses = await Promise.all([ask(), ask(), ask(), ask()]);
  expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 503, 503, 503]);
  expect(await ask()).toBe(200);
});
