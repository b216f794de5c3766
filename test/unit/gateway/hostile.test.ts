import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { endpoint, router, serveApp, type ServedApp } from "./support/app.ts";

let app: ServedApp;
beforeAll(async () => {
  app = await serveApp(
    router() +
      endpoint("GET", "/healthy", "return true") +
      endpoint("POST", "/size", "local body, err = req:body() if err then error(err) end return #body") +
      endpoint(
        "POST",
        "/small",
        "local body, err = http.request({ max_body = 10 }):body() return { kind = err and err:kind(), text = tostring(err) }",
      ) +
      endpoint(
        "POST",
        "/json",
        "local value, err = req:body_json() return { kind = err and err:kind(), value = value }",
      ) +
      endpoint(
        "POST",
        "/form",
        `
local form, err = req:parse_multipart(20000)
if err then return { error = tostring(err), kind = err:kind() } end
local out = { values = form.values, files = {} }
for name, files in pairs(form.files) do
  for i, file in ipairs(files) do
    out.files[name .. i] = { name = file:name(), size = file:size(), type = file:header("Content-Type"), text = file:stream():read() }
  end
end
return out`,
      ) +
      endpoint(
        "GET",
        "/inject",
        `
local out = {}
for _, value in ipairs({ "a\\r\\nX-Evil: 1", "a\\nb", "a\\0b" }) do
  local err = res:set_header("X-One", value)
  out[#out + 1] = err and err:kind() or "taken"
end
local bad = res:set_header("X Bad", "1")
out[#out + 1] = bad and bad:kind() or "taken"
res:set_header("X-Text", "grüße")
res:write_json(out)`,
      ) +
      endpoint(
        "GET",
        "/states",
        `
local out = {}
out[1] = tostring(res:set_status(42))
res:write("x") res:flush()
out[2] = res:set_status(201):kind()
out[3] = res:set_header("a", "b"):kind()
res:write(table.concat(out, "|"))`,
      ) +
      endpoint("POST", "/ignore", "return true") +
      endpoint("POST", "/timed", `local body, err = http.request({ timeout = 20 }):body() return err and err:kind()`) +
      endpoint("GET", "/sleep", `require("time").sleep("1m") return 1`) +
      endpoint(
        "GET",
        "/endless",
        `
res:set_transfer("chunked")
while true do res:write(string.rep("x", 100000)) end`,
      ) +
      endpoint(
        "POST",
        "/drip",
        `
local stream, count = req:stream(), 0
while true do
  local part = stream:read()
  if part == nil then return count end
  count = count + #part
end`,
      ),
    {
      service:
        "    limits: { body_bytes: 200000, connections: 50, header_bytes: 4096 }\n    timeouts: { read: 1s, headers: 500ms, write: 1s }",
    },
  );
});
afterAll(async () => await app[Symbol.asyncDispose]());

const sockets: Socket[] = [];

/** Whatever was done to it, the server answers, and nothing goes on inside. */
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  while (app.runtime.loads.some((load) => load > 0)) await sleep(5);
  expect(await (await app.fetch("/healthy")).text()).toBe("true");
});

function open(...parts: readonly (string | Uint8Array)[]): Socket {
  const socket = connect(app.port, "127.0.0.1");
  socket.on("error", () => undefined);
  sockets.push(socket);
  for (const part of parts) socket.write(part);
  return socket;
}

async function raw(...parts: readonly (string | Uint8Array)[]): Promise<string> {
  return await text(open(...parts)).catch(() => "");
}

const post = (path: string, more: string): string =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${more}\r\n\r\n`;

test("a body that says it is too large is refused before it comes", async () => {
  expect(await raw(post("/size", "Content-Length: 200001"))).toMatch(/^HTTP\/1.1 413 /);
});

test("a body that turns out to be too large is refused when it does", async () => {
  const part = `2710\r\n${"x".repeat(10_000)}\r\n`;
  expect(await raw(post("/size", "Transfer-Encoding: chunked"), part.repeat(21))).toMatch(/^HTTP\/1.1 413 /);
});

test("a body larger than the program wants is an error of the program's", async () => {
  const response = await app.fetch("/small", { method: "POST", body: "x".repeat(11) });
  expect(await response.json()).toMatchObject({
    kind: "Invalid",
    text: expect.stringContaining("10 bytes") as unknown,
  });
});

test.each([10, 150_000])("a body of %d bytes that stops half-way ends the request", async (length) => {
  const answer = await raw(post("/size", `Content-Length: ${length}`), "abc");
  expect(answer).not.toMatch(/^HTTP\/1.1 200/);
});

test.each(["{", "nonsense", "", "\u0000", '{"a":1', "[1,2", '"\\ud800"', `${"[".repeat(5_000)}${"]".repeat(5_000)}`])(
  "JSON that is none (%#) is an error of the program's",
  async (body) => {
    const response = await app.fetch("/json", { method: "POST", body: body === "" ? new Uint8Array([0xff]) : body });
    expect(response.status).toBe(200);
    // A lone half of a pair is JSON, but no text.
    if (body !== '"\\ud800"') expect(await response.json()).toEqual({ kind: "Invalid" });
  },
);

const boundary = "bound";
const form = (body: string, type = `multipart/form-data; boundary=${boundary}`): Promise<Response> =>
  app.fetch("/form", { method: "POST", headers: { "content-type": type }, body });

test("a form has values and files", async () => {
  const data = new FormData();
  data.append("one", "1");
  data.append("many", "a");
  data.append("many", "b");
  data.append("doc", new Blob(["content"], { type: "text/x-note" }), "../../evil.txt");
  const response = await app.fetch("/form", { method: "POST", body: data });
  expect(await response.json()).toEqual({
    values: { one: "1", many: ["a", "b"] },
    files: { doc1: { name: "evil.txt", size: 7, type: "text/x-note", text: "content" } },
  });
});

test.each([
  ["nothing at all", "", undefined],
  ["no end", `--${boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\nvalue`, undefined],
  ["no boundary", "x", "multipart/form-data"],
  ["no form", "a=1", "application/x-www-form-urlencoded"],
  [
    "too much",
    `--${boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\n${"x".repeat(21_000)}\r\n--${boundary}--`,
    undefined,
  ],
  [
    "too many parts",
    `--${boundary}\r\nContent-Disposition: form-data; name="a"; filename="f"\r\n\r\n\r\n`.repeat(101),
    undefined,
  ],
])("a form that is malformed is an error of the program's: %s", async (_what, body, type) => {
  expect(await (await form(body, type)).json()).toMatchObject({ kind: "Invalid" });
});

test("a header cannot bring another one with it", async () => {
  const response = await app.fetch("/inject");
  expect(await response.json()).toEqual(["Invalid", "Invalid", "Invalid", "Invalid"]);
  expect(response.headers.get("x-evil")).toBeNull();
  expect(Buffer.from(response.headers.get("x-text") ?? "", "latin1").toString()).toBe("grüße");
});

test("what was sent cannot be changed, and a status that is none is refused", async () => {
  expect(await (await app.fetch("/states")).text()).toMatch(/^x42 is no status.*\|Invalid\|Invalid$/);
});

test.each([
  ["a transfer that is unknown", "Transfer-Encoding: nonsense"],
  ["a length that is none", "Content-Length: abc"],
  ["a length below zero", "Content-Length: -1"],
  ["an expectation that is unknown", "Content-Length: 0\r\nExpect: nonsense"],
])("%s is refused", async (_what, header) => {
  expect(await raw(post("/size", header), "0\r\n\r\n")).toMatch(/^HTTP\/1.1 (4\d\d|501) /);
});

test("a content encoding that is unknown is the program's business: it gets the bytes", async () => {
  const headers = { "content-encoding": "nonsense" };
  expect(await (await app.fetch("/size", { method: "POST", headers, body: "abc" })).text()).toBe("3");
});

test("a client that goes away has its call cancelled, however long that would be", async () => {
  const socket = open("GET /sleep HTTP/1.1\r\nHost: x\r\n\r\n");
  while (app.runtime.loads.every((load) => load === 0)) await sleep(2);
  socket.destroy();
});

test("a client that goes away while it sends ends the request", async () => {
  const socket = open(post("/drip", "Content-Length: 150000"), "x".repeat(70_000));
  while (app.runtime.loads.every((load) => load === 0)) await sleep(2);
  socket.destroy();
});

test("a client that goes away while it is sent to ends the program that sends", async () => {
  const socket = open("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n");
  socket.resume();
  while (socket.bytesRead < 1_000_000) await sleep(2);
  socket.destroy();
});

test("a program that writes more than HEAD takes is ended", async () => {
  expect((await app.fetch("/endless", { method: "HEAD" })).status).toBe(200);
});

test("a program waits for a body only as long as it wants to", async () => {
  expect(await raw(post("/timed", "Content-Length: 150000"), "abc")).toMatch(/^HTTP\/1.1 200 [^]*"Timeout"/);
});

test("a body that no program reads does not hold up the answer", async () => {
  const response = await app.fetch("/ignore", { method: "POST", body: "x".repeat(150_000) });
  expect(await response.text()).toBe("true");
});

test("a client that takes nothing holds up the program, and is cut off", async () => {
  const socket = open("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n");
  socket.pause();
  while (app.runtime.loads.every((load) => load === 0)) await sleep(2);
});

test("headers that do not end, and more connections than there may be", async () => {
  const before = Array.from({ length: 60 }, () => open("GET /healthy HTTP/1.1\r\nHo"));
  const closed = before.map((socket) => new Promise((resolve) => socket.resume().once("close", resolve)));
  await Promise.all(closed);
});
