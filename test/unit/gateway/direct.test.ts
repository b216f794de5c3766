import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endpoint, router, serveApp, type ServedApp } from "./support/app.ts";

let app: ServedApp;
beforeAll(async () => {
  app = await serveApp(
    router() +
      endpoint("POST", "/echo", `res:set_header("X-Len", tostring(#(req:body() or ""))) res:write(req:body() or "")`) +
      endpoint("GET", "/path", `return { req:path(), req:query("q") or "none", req:method(), req:header("host") }`) +
      endpoint("GET", "/empty", `res:set_status(204)`) +
      endpoint(
        "GET",
        "/cookies",
        `res:set_header("Content-Type", "text/plain") res:add_header("Set-Cookie", "a=1") res:add_header("Set-Cookie", "b=2") res:write("x")`,
      ) +
      endpoint("GET", "/latin", `res:set_header("X-Name", "Zoë") res:write("Zoë")`) +
      endpoint("GET", "/parts", `res:write("ab") res:flush() res:write("cd") res:flush()`) +
      endpoint("GET", "/fails", `error("it broke")`) +
      endpoint("GET", "/nothing", `local none = nil`),
  );
});
afterAll(async () => await app[Symbol.asyncDispose]());

/** A request, sent to the letter, and all that comes back but its time. */
async function ask(method: string, path: string, body = "", ...headers: readonly string[]): Promise<string> {
  const socket = connect(app.port, "127.0.0.1");
  const head = [`${method} ${path} HTTP/1.1`, "Host: here", "Connection: close", ...headers];
  socket.write(Buffer.from([...head, "", body].join("\r\n"), "latin1"));
  return (await text(socket)).replace(/Date: .*\r\n/, "");
}

const length = (body: string): string => `Content-Length: ${body.length}`;

/** A path with a character coded is nobody's to the letter, so the app finds its endpoint. */
const coded = (path: string): string =>
  path.replace(/^\/(.)/, (_, first: string) => `/%${first.charCodeAt(0).toString(16)}`);

test.each([
  ["POST", "/echo", "hello"],
  ["POST", "/echo", ""],
  ["POST", "/echo", "x".repeat(100_000)],
  ["GET", "/path", ""],
  ["GET", "/empty", ""],
  ["GET", "/cookies", ""],
  ["GET", "/latin", ""],
  ["GET", "/parts", ""],
  ["GET", "/fails", ""],
  ["GET", "/nothing", ""],
  ["HEAD", "/cookies", ""],
  ["DELETE", "/cookies", ""],
])("%s %s is answered the same by Node alone and through the app", async (method, path, body) => {
  const headers = method === "POST" ? [length(body)] : [];
  const direct = await ask(method, path, body, ...headers);
  const through = await ask(method, coded(path), body, ...headers);
  expect(direct).toMatch(/^HTTP\/1\.1 \d{3} /);
  expect(direct.split("\r\n").toSorted()).toEqual(through.split("\r\n").toSorted());
});

test("a query belongs to no path, and is told", async () => {
  expect(await ask("GET", "/path?q=1%202")).toContain('["/path","1 2","GET","here"]');
  expect(await ask("GET", "/path?")).toContain('["/path","none","GET","here"]');
});

test("requests that come at once on one connection are answered in their order", async () => {
  const socket = connect(app.port, "127.0.0.1");
  const one = (body: string): string => `POST /echo HTTP/1.1\r\nHost: x\r\n${length(body)}\r\n\r\n${body}`;
  const last = `GET /path HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
  socket.write(one("first") + one("second") + one("third") + last);
  expect(await text(socket)).toMatch(/first[^]*second[^]*third[^]*"GET"/);
});
