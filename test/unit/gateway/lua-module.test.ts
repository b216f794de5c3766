import { afterAll, beforeAll, expect, test } from "vitest";
import { endpoint, router, serveApp, type ServedApp } from "./support/app.ts";

let app: ServedApp;
beforeAll(async () => {
  app = await serveApp(
    router() +
      endpoint(
        "POST",
        "/request/{one}/{rest...}",
        `
return {
  method = req:method(), path = req:path(), host = req:host(), address = req:remote_addr(),
  query = req:query("a"), missing = req:query("none") == nil, queries = req:query_params(),
  header = req:header("X-One"), no_header = req:header("x-none") == nil,
  type = req:content_type(), length = req:content_length(), has = req:has_body(),
  html = req:accepts("text/html"), json = req:accepts("application/json"),
  is = req:is_content_type("text/plain"), is_not = req:is_content_type("text/html"),
  one = req:param("one"), params = req:params(), no_param = req:param("none") == nil,
  same = http.request():body() == req:body(),
}`,
      ) +
      endpoint("GET", "/bare", "return { has = req:has_body(), length = req:content_length(), body = req:body() }") +
      endpoint(
        "GET",
        "/response",
        `
res:set_status(http.STATUS.ACCEPTED)
res:set_content_type("text/html; charset=utf-8")
res:add_header("Set-Cookie", "a=1")
res:add_header("Set-Cookie", "b=2")
res:set_header("X-List", { "1", "2" })
res:set_header("Connection", "keep-alive")
res:write("<p>") res:write(42)
http.response():write("</p>")`,
      ) +
      endpoint(
        "POST",
        "/lines",
        `
local scanner, lines = req:stream():scanner("lines"), {}
while scanner:scan() do lines[#lines + 1] = scanner:text() end
return lines`,
      ) +
      endpoint(
        "POST",
        "/parts",
        `
local stream, sizes = req:stream(), {}
while true do
  local part = stream:read(3)
  if not part then break end
  sizes[#sizes + 1] = #part
end
return sizes`,
      ) +
      endpoint("POST", "/closed", "local stream = req:stream() stream:close() return stream:read() == nil") +
      endpoint(
        "GET",
        "/sse",
        `
res:set_transfer("sse")
res:write_event({ data = "two\\nlines" })
res:write_event({ name = "no\\nbreak", data = "" })
return "ignored"`,
      ) +
      endpoint(
        "GET",
        "/wrong",
        `
local out = {}
out[1] = res:set_transfer("pigeon"):kind()
out[2] = select(2, res:set_status(99)):kind()
out[3] = select("#", res:set_header("x", "y"))
return out`,
      ) +
      endpoint(
        "GET",
        "/returns/{what}",
        `
local what = req:param("what")
if what == "nil" then return nil elseif what == "error" then return nil, errors.new({ kind = errors.NOT_FOUND, message = "not there" })
elseif what == "number" then return 1.5 elseif what == "status" then res:set_status(202) return { this = true }
elseif what == "only" then res:set_status(202) end`,
      ),
  );
});
afterAll(async () => await app[Symbol.asyncDispose]());

test("the request says everything of itself", async () => {
  const response = await app.fetch("/request/1%202/a/b?a=1&b=x&b=y%20z", {
    method: "POST",
    headers: { "x-one": "eins", "content-type": "text/plain; charset=utf-8", accept: "text/*, application/json;q=0" },
    body: "hello",
  });
  expect(await response.json()).toEqual({
    method: "POST",
    path: "/request/1 2/a/b",
    host: `127.0.0.1:${app.port}`,
    address: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as unknown,
    query: "1",
    missing: true,
    queries: { a: "1", b: ["x", "y z"] },
    header: "eins",
    no_header: true,
    type: "text/plain; charset=utf-8",
    length: 5,
    has: true,
    html: true,
    json: false,
    is: true,
    is_not: false,
    one: "1 2",
    params: { one: "1 2", rest: "a/b" },
    no_param: true,
    same: true,
  });
  expect(await (await app.fetch("/bare")).json()).toEqual({ has: false, length: 0, body: "" });
});

test("the response has the status, the headers and the body that were written, by whichever object", async () => {
  const response = await app.fetch("/response");
  expect(response.status).toBe(202);
  expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  expect(response.headers.get("x-list")).toBe("1, 2");
  expect(await response.text()).toBe("<p>42</p>");
});

test.each(["one\ntwo\nthree", "one\r\ntwo\r\nthree\r\n"])("a body is read line by line (%#)", async (body) => {
  expect(await (await app.fetch("/lines", { method: "POST", body })).json()).toEqual(["one", "two", "three"]);
});

test("a body is read in parts of the size that is wanted, until the stream is closed", async () => {
  expect(await (await app.fetch("/parts", { method: "POST", body: "1234567" })).json()).toEqual([3, 3, 1]);
  const long = await (await app.fetch("/parts", { method: "POST", body: "x".repeat(100_000) })).json();
  expect(Array.isArray(long) && long.reduce((sum: number, each) => sum + Number(each), 0)).toBe(100_000);
  expect(await (await app.fetch("/closed", { method: "POST", body: "x" })).json()).toBe(true);
});

test("events have a name in one line and data in as many as they need", async () => {
  const response = await app.fetch("/sse");
  expect(response.headers.get("cache-control")).toBe("no-cache");
  expect(await response.text()).toBe("data: two\ndata: lines\n\nevent: no break\ndata: \n\n");
});

test("what is wrong is told as the first value and as the second, what is right not at all", async () => {
  expect(await (await app.fetch("/wrong")).json()).toEqual(["Invalid", "Invalid", 1]);
});

test.each([
  ["nil", 500, /answered nothing/],
  ["error", 500, /not there/],
  ["number", 200, /^1\.5$/],
  ["status", 202, /^{"this":true}$/],
  ["only", 202, /^$/],
])("a function that returns %s answers %d", async (what, status, body) => {
  const response = await app.fetch(`/returns/${what}`);
  expect([response.status, await response.text()]).toEqual([status, expect.stringMatching(body)]);
});
