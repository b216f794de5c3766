import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endpoint, router, serveApp, type ServedApp } from "./support/app.ts";

let app: ServedApp;
beforeAll(async () => {
  app = await serveApp(
    `
  - { name: files, kind: fs.directory, directory: public }
  - { name: assets, kind: http.static, meta: { server: server }, path: /assets, fs: files }
  - name: reader
    kind: function.lua
    modules: [http, fs]
    source: |
      local http, fs = require("http"), require("fs")
      return function()
        local content, err = fs.get("api:files"):readfile(http.request():param("path"))
        return content or tostring(err)
      end
  - { name: reader_e, kind: http.endpoint, meta: { router: router }, method: GET, path: "/read/{path...}", func: reader }
` +
      router() +
      endpoint("POST", "/body", `return { body = req:body() }`) +
      endpoint("GET", "/inner", `require("metrics").counter_inc("inner") return "inner"`) +
      endpoint("GET", "/path", "return { path = req:path(), query = req:query_params() }") +
      endpoint(
        "GET",
        "/inject",
        `
local out = {}
local function try(err) out[#out + 1] = err and err:kind() or "taken" end
try(res:set_content_type("text/plain\\r\\nX-Evil: 1"))
try(res:add_header("X-One", "a\\r\\nX-Evil: 1"))
try(res:set_header("X-One\\r\\nX-Evil", "1"))
try(res:set_header("Set-Cookie", "a=1\\nX-Evil: 1"))
try(res:set_header("X-Tab", "a\\tb"))
for _, status in ipairs({ 0, 99, 100, 101, 199, 600, 1000, -1 }) do try(res:set_status(status)) end
return out`,
      ) +
      endpoint("GET", "/event", `res:write_event({ name = "a\\ndata: evil\\n\\nb", data = { text = "x\\n\\ny" } })`),
    {
      service: "    limits: { header_bytes: 4096 }\n    timeouts: { read: 2s, headers: 1s, idle: 300ms }",
      files: { "public/a.txt": "inside", "public/100%.txt": "percent", "secret.txt": "outside" },
    },
  );
});
afterAll(async () => await app[Symbol.asyncDispose]());

async function raw(request: string): Promise<string> {
  const socket = connect(app.port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write(Buffer.from(request, "latin1"));
  return await text(socket).catch(() => "");
}

const inner = "GET /inner HTTP/1.1\r\nHost: x\r\n\r\n";
const post = (headers: string, body: string): string => `POST /body HTTP/1.1\r\nHost: x\r\n${headers}\r\n\r\n${body}`;

/** Each is read in two ways by servers that read loosely: what one takes for a body is a request to the other. */
test.each([
  [
    "a length and chunks",
    post(`Content-Length: ${5 + inner.length}\r\nTransfer-Encoding: chunked`, `0\r\n\r\n${inner}`),
  ],
  ["chunks and a length", post(`Transfer-Encoding: chunked\r\nContent-Length: 4`, `5c\r\n${inner}`)],
  ["two lengths", post(`Content-Length: 0\r\nContent-Length: ${inner.length}`, inner)],
  ["a list of lengths", post(`Content-Length: 0, ${inner.length}`, inner)],
  ["a length with a sign", post(`Content-Length: +${inner.length}`, inner)],
  ["a length in hexadecimal", post(`Content-Length: 0x10`, inner)],
  ["a length with a blank in it", post(`Content-Length: 1 0`, inner)],
  ["a length beyond all numbers", post(`Content-Length: 18446744073709551616`, inner)],
  ["a blank before the colon", post(`Transfer-Encoding : chunked`, `0\r\n\r\n${inner}`)],
  ["a blank before the length's colon", post(`Content-Length : 5`, `hello${inner}`)],
  [
    "a header that goes on in the next line",
    post(`X-A: b\r\n Transfer-Encoding: chunked\r\n\tContent-Length: 5`, inner),
  ],
  ["an encoding that only looks like chunks", post(`Transfer-Encoding: xchunked`, `0\r\n\r\n${inner}`)],
  ["chunks twice", post(`Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked`, `0\r\n\r\n${inner}`)],
  ["chunks, then identity", post(`Transfer-Encoding: chunked, identity`, `0\r\n\r\n${inner}`)],
  ["identity alone", post(`Transfer-Encoding: identity`, inner)],
  ["chunks with a control character", post(`Transfer-Encoding: \u000bchunked`, `0\r\n\r\n${inner}`)],
  ["a chunk whose length is none", post(`Transfer-Encoding: chunked`, `zz\r\n${inner}`)],
  ["a chunk with a sign", post(`Transfer-Encoding: chunked`, `-1\r\n\r\n${inner}`)],
  ["a chunk of a length beyond all numbers", post(`Transfer-Encoding: chunked`, `fffffffffffffffff\r\n${inner}`)],
  ["a chunk that is longer than it says", post(`Transfer-Encoding: chunked`, `1\r\nabc\r\n0\r\n\r\n${inner}`)],
  ["a zero in a header", post(`X-A: a\u0000b\r\nContent-Length: 0`, inner)],
  ["a bare return in a header", post(`X-A: a\rContent-Length: 5\r\nX-B: c`, inner)],
  ["a header without a name", post(`: chunked`, inner)],
  ["a header without a colon", post(`Content-Length`, inner)],
  ["no version", `GET /path\r\n\r\n${inner}`],
  ["a version of its own", `GET /path HTTP/1.9\r\nHost: x\r\n\r\n${inner}`],
  ["HTTP/2 without asking", `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${inner}`],
  ["a method that is none", `GE(T /path HTTP/1.1\r\nHost: x\r\n\r\n${inner}`],
  ["a line end in the path", `GET /path\n/more HTTP/1.1\r\nHost: x\r\n\r\n${inner}`],
  ["no host", `GET /path HTTP/1.1\r\n\r\n${inner}`],
])("%s is refused, and nothing after it is a request", async (_what, request) => {
  const answer = await raw(request);
  expect(answer).toMatch(/^HTTP\/1\.1 (4\d\d|50[15]) /);
  expect(answer.match(/HTTP\/1\.1 \d/g) ?? []).toHaveLength(1);
  expect(answer).not.toContain("inner");
});

test("requests one after another on a connection are as many as they are", async () => {
  const answer = await raw(
    post("Content-Length: 3", "abc") + post("Transfer-Encoding: chunked", "2;a=b\r\nde\r\n0\r\nX-T: 1\r\n\r\n") + inner,
  );
  expect(answer.match(/HTTP\/1\.1 200/g)).toHaveLength(3);
  expect(answer).toMatch(/"abc"[^]*"de"[^]*"inner"/);
});

test.each([
  ["at the limit", 3_900, 200],
  ["beyond it", 4_200, 431],
  ["far beyond it", 2_000_000, 431],
])("a path that is %s", async (_what, length, status) => {
  const query = "q".repeat(length);
  const answer = await raw(`GET /path?${query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  // Whoever sends on and on may find the connection closed before it reads why.
  if (length > 1_000_000 && answer === "") return;
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
});

test("a path that is no text, or another server's, is answered for what it is", async () => {
  const ask = (target: string): Promise<string> =>
    raw(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  expect(await ask("/path?%ff=%zz")).toMatch(/^HTTP\/1.1 200 /);
  expect(await ask("/%ff%zz")).toMatch(/^HTTP\/1.1 404 /);
  expect(await ask("http://elsewhere.example/path")).toMatch(/^HTTP\/1.1 (200|400) /);
  expect(await ask("*")).toMatch(/^HTTP\/1.1 40\d /);
  expect(await ask("//elsewhere.example/path")).toMatch(/^HTTP\/1.1 40\d /);
});

test("a program's headers, statuses and events bring nothing else with them", async () => {
  const response = await app.fetch("/inject");
  const kinds: unknown = await response.json();
  expect(kinds).toEqual([
    "Invalid",
    "Invalid",
    "Invalid",
    "Invalid",
    "taken",
    ...Array.from({ length: 8 }, () => "Invalid"),
  ]);
  expect([response.status, response.headers.get("x-evil"), response.headers.get("x-tab")]).toEqual([200, null, "a\tb"]);
  const events = (await (await app.fetch("/event")).text()).split("\n\n").filter((each) => each !== "");
  expect(events).toHaveLength(1);
  expect(events[0]?.split("\n").filter((each) => each.startsWith("data:"))).toHaveLength(1);
});

const up = [
  "..",
  "%2e%2e",
  "%2E.",
  "%252e%252e",
  "%25252e%25252e",
  "..%00",
  "%c0%ae%c0%ae",
  "..;",
  ". .",
  "%uff0e%uff0e",
];
const slash = ["/", "%2f", "%252f", "%5c", "\\", "%255c", "//", "/./", "%c0%af"];

test.each(up.flatMap((dots) => slash.map((between) => `${dots}${between}`)))(
  "%j does not lead out of a folder",
  async (step) => {
    for (const path of [
      `/assets/${step}secret.txt`,
      `/assets/${step}${step}secret.txt`,
      `/read/${step}secret.txt`,
      `/assets${step}secret.txt`,
    ]) {
      const answer = await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1.1 (200|400|404) /);
      expect(answer).not.toContain("outside");
    }
  },
);

test("names with marks in them are found by their encoding, once", async () => {
  expect(await (await app.fetch("/assets/a.txt")).text()).toBe("inside");
  expect(await (await app.fetch("/assets/100%25.txt")).text()).toBe("percent");
  expect((await app.fetch("/assets/100%2525.txt")).status).toBe(404);
  expect(await (await app.fetch("/read/a.txt")).json()).toBe("inside");
});
