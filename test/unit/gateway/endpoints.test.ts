import { afterAll, beforeAll, expect, test } from "vitest";
import { endpoint, router, serveApp, type ServedApp } from "./support/app.ts";

let app: ServedApp;
beforeAll(async () => {
  app = await serveApp(
    router() +
      endpoint(
        "GET",
        "/hello",
        `res:set_content_type("text/plain") res:write("hello ") res:write(req:query("name") or "you")`,
      ) +
      endpoint("GET", "/table", "return { answer = 42, list = {} }") +
      endpoint("GET", "/nothing", "") +
      endpoint("GET", "/broken", `error("it broke")`) +
      endpoint(
        "POST",
        "/echo",
        `res:set_status(http.STATUS.CREATED) res:write_json({ got = req:body_json(), type = req:content_type() })`,
      ) +
      endpoint("POST", "/size", "local body, err = req:body() return { size = #body }") +
      endpoint("GET", "/users/{id}", "return { id = req:param('id') }") +
      endpoint("GET", "/users/me", "return { me = true }") +
      endpoint("DELETE", "/users/:id", "res:set_status(204)") +
      endpoint("GET", "/files/{path...}", "return req:params()") +
      endpoint("GET", "/big", `for i = 1, 100 do res:write(string.rep("x", 10000)) end`) +
      endpoint("GET", "/events", `for i = 1, 3 do res:write_event({ name = "tick", data = { i = i } }) end`) +
      endpoint("GET", "/inner", `return { inner = select(2, require("funcs").call("api:asks")) ~= nil }`) +
      `
  - name: asks
    kind: function.lua
    modules: [http]
    source: |
      return function() local req, err = require("http").request() return req == nil and tostring(err) or "seen" end
`,
  );
});
afterAll(async () => await app[Symbol.asyncDispose]());

const get = async (path: string): Promise<string> => await (await app.fetch(path)).text();

test("a function writes what the client gets", async () => {
  const response = await app.fetch("/hello?name=Ada%20L");
  expect(await response.text()).toBe("hello Ada L");
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/plain");
});

test("a value that is returned is JSON", async () => {
  const response = await app.fetch("/table");
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(await response.json()).toEqual({ answer: 42, list: [] });
});

test("nothing at all is an error, and so is a failure", async () => {
  const nothing = await app.fetch("/nothing");
  expect([nothing.status, await nothing.text()]).toEqual([500, "api:eGET_nothing answered nothing\n"]);
  const broken = await app.fetch("/broken");
  expect(broken.status).toBe(500);
  expect(broken.headers.get("content-type")).toContain("text/plain");
  expect(await broken.text()).toContain("it broke");
});

test("a function reads the body", async () => {
  const headers = { "content-type": "application/json" };
  const response = await app.fetch("/echo", { method: "POST", headers, body: '{"a":[1,2]}' });
  expect(response.status).toBe(201);
  expect(await response.json()).toEqual({ got: { a: [1, 2] }, type: "application/json" });
});

test.each([0, 1, 65_536, 65_537, 3_000_000])("a body of %d bytes arrives whole", async (size) => {
  const response = await app.fetch("/size", { method: "POST", body: "x".repeat(size) });
  expect(await response.json()).toEqual({ size });
});

test("a body of unknown length arrives whole", async () => {
  const body = new ReadableStream({
    start(controller) {
      for (let i = 0; i < 10; i += 1) controller.enqueue(new TextEncoder().encode("x".repeat(1000)));
      controller.close();
    },
  });
  const init: RequestInit & { duplex: "half" } = { method: "POST", body, duplex: "half" };
  expect(await (await app.fetch("/size", init)).json()).toEqual({ size: 10_000 });
});

test("parts of the path have names, and the most specific path answers", async () => {
  expect(await get("/users/7")).toBe('{"id":"7"}');
  expect(await get("/users/a%2Fb%20c")).toBe('{"id":"a/b c"}');
  expect(await get("/users/me")).toBe('{"me":true}');
  expect(await get("/files/a/b/c.txt")).toBe('{"path":"a/b/c.txt"}');
  expect((await app.fetch("/users/7", { method: "DELETE" })).status).toBe(204);
});

test("what there is not is a 404, and a method that there is not a 405 with those there are", async () => {
  expect((await app.fetch("/nowhere")).status).toBe(404);
  const refused = await app.fetch("/users/7", { method: "PUT" });
  expect([refused.status, refused.headers.get("allow")]).toEqual([405, "DELETE, GET, HEAD, OPTIONS"]);
  const options = await app.fetch("/users/7", { method: "OPTIONS" });
  expect([options.status, options.headers.get("allow")]).toEqual([204, "DELETE, GET, HEAD, OPTIONS"]);
  const head = await app.fetch("/hello", { method: "HEAD" });
  expect([head.status, await head.text()]).toEqual([200, ""]);
});

test("a long response and a stream of events arrive whole", async () => {
  expect((await get("/big")).length).toBe(1_000_000);
  const events = await app.fetch("/events");
  expect(events.headers.get("content-type")).toBe("text/event-stream");
  expect(await events.text()).toBe(
    'event: tick\ndata: {"i":1}\n\nevent: tick\ndata: {"i":2}\n\nevent: tick\ndata: {"i":3}\n\n',
  );
});

test("the request is the endpoint's alone", async () => {
  expect(await app.runtime.call("api:asks")).toContain("was not called by an http.endpoint");
});
