import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, brotliCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import type { Value } from "../../../../src/core/values.ts";
import { instance, type World } from "../lua/support/instance.ts";
import { listening, serve } from "./support/guest.ts";
import { certificate } from "./support/certificate.ts";

/** Runs Lua with `http` and `url`, the address of a server that answers as `listener` says. */
async function at(listener: RequestListener, body: string, world: World = {}): Promise<Value> {
  await using server = await serve(listener);
  const { run } = instance(world);
  return await run(`local http, url = http_client, "http://${server.authority}" ${body}`);
}

async function whole(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces).toString();
}

/** Answers with what it was asked, as JSON. */
const echo: RequestListener = (request, response) => {
  void answered();
  async function answered(): Promise<void> {
    const { method, url, headers } = request;
    const body = await whole(request);
    response.setHeader("Content-Type", "application/json").end(JSON.stringify({ method, url, headers, body }));
  }
};

test("gets a response with its status, headers, cookies and body", async () => {
  const answer: RequestListener = (_request, response) => {
    response.writeHead(201, { "Content-Type": "text/plain", "Set-Cookie": ["a=1; Path=/", "b=two"] }).end("hello");
  };
  expect(
    await at(
      answer,
      `local r = assert(http.get(url .. "/x"))
       return { r.status_code, r.body, r.body_size, r.headers["Content-Type"], r.cookies, r.url == url .. "/x", r.stream == nil }`,
    ),
  ).toEqual([201, "hello", 5, "text/plain", { a: "1", b: "two" }, true, true]);
});

test.each(["get", "post", "put", "delete", "head", "patch"])("%s sends its method", async (name) => {
  const answer: RequestListener = ({ method }, response) => void response.setHeader("X-Method", method ?? "").end();
  expect(await at(answer, `return assert(http.${name}(url)).headers["X-Method"]`)).toBe(name.toUpperCase());
});

test("sends headers, cookies, query, credentials and a body", async () => {
  const asked = await at(
    echo,
    `local r = assert(http.request("report", url .. "/p?z=0", {
       headers = { ["X-One"] = "1", ["Content-Type"] = "text/csv" }, cookies = { c = "d" },
       query = { n = { 1, 2 }, q = "a b" }, auth = { user = "u", pass = "p" }, body = "1,2" }))
     return json.decode(r.body)`,
  );
  expect(asked).toMatchObject({
    method: "REPORT",
    body: "1,2",
    headers: {
      "x-one": "1",
      "content-type": "text/csv",
      cookie: "c=d",
      authorization: `Basic ${Buffer.from("u:p").toString("base64")}`,
      "content-length": "3",
    },
  });
  expect(asked).toMatchObject({ url: "/p?z=0&n=1&n=2&q=a+b" });
});

test("sends a form, and files with it", async () => {
  const world = `local function sent(o) local r = json.decode(assert(http.post(url, o)).body) return { r.headers["content-type"], r.body } end`;
  expect(await at(echo, `${world} return sent({ form = { a = "1 2" } })`)).toEqual([
    "application/x-www-form-urlencoded",
    "a=1+2",
  ]);
  const multipart = await at(
    echo,
    `${world} return sent({ form = { a = "1" }, files = { { name = "f", filename = "x.txt", content = "data", content_type = "text/plain" } } })`,
  );
  const [type, body] = Array.isArray(multipart) ? multipart : [];
  const form = await new Response(String(body), { headers: { "content-type": String(type) } }).formData();
  const file = form.get("f");
  expect([form.get("a"), file instanceof File && [file.name, file.type, await file.text()]]).toEqual([
    "1",
    ["x.txt", "text/plain", "data"],
  ]);
});

test("binary bodies come and go unharmed, compressed or not", async () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  for (const [encoding, compressed] of [
    ["gzip", gzipSync(bytes)],
    ["br", brotliCompressSync(bytes)],
    ["identity", bytes],
  ] as const) {
    const answer: RequestListener = (_request, response) =>
      void response.setHeader("Content-Encoding", encoding).end(compressed);
    expect(
      await at(
        answer,
        `local b = {} for i = 0, 255 do b[#b + 1] = string.char(i) end
      return assert(http.get(url)).body == table.concat(b)`,
      ),
    ).toBe(true);
  }
});

test("follows redirects: a POST becomes a GET after 302 and stays one after 307", async () => {
  const answer: RequestListener = (request, response) => {
    const { url = "" } = request;
    if (url === "/302" || url === "/307") response.writeHead(Number(url.slice(1)), { Location: "/end" }).end();
    else echo(request, response);
  };
  expect(
    await at(
      answer,
      `local function go(path) local r = assert(http.post(url .. path, { body = "b" })) local e = json.decode(r.body)
         return { e.method, e.body, r.url == url .. "/end" } end
       return { go("/302"), go("/307"), assert(http.post(url .. "/302", { redirects = false })).status_code }`,
    ),
  ).toEqual([["GET", "", true], ["POST", "b", true], 302]);
});

test("credentials do not follow a redirect to another server; a loop ends", async () => {
  await using other = await serve(echo);
  const answer: RequestListener = ({ url }, response) =>
    void response.writeHead(302, { Location: url === "/loop" ? "/loop" : `http://${other.authority}/` }).end();
  expect(
    await at(
      answer,
      `local r = json.decode(assert(http.get(url, { headers = { Authorization = "x", Cookie = "y", ["X-Z"] = "z" } })).body)
       local _, e = http.get(url .. "/loop", { redirects = 3 })
       return { r.headers.authorization == nil, r.headers.cookie == nil, r.headers["x-z"], e:kind(), tostring(e) }`,
    ),
  ).toEqual([true, true, "z", "Unavailable", expect.stringContaining("more than 3 redirects")]);
});

test("streams: what is not read is not taken from the network", async () => {
  const piece = Buffer.alloc(64 << 10, "x");
  let written = 0;
  const answer: RequestListener = (_request, response) => {
    const more = (): void => {
      while (!response.destroyed) {
        written += piece.length;
        if (!response.write(piece)) break;
      }
    };
    response.on("drain", more);
    more();
  };
  expect(
    await at(
      answer,
      `local s = assert(http.get(url, { stream = true })).stream
       local got = 0 while got < 100000 do got = got + #s:read(1000) end
       s:close() local _, e = s:read() return { got >= 100000, e:kind() }`,
    ),
  ).toEqual([true, "Invalid"]);
  expect(written).toBeLessThan(64 << 20);
});

test("a stream ends with nil, and can be read by lines", async () => {
  const answer: RequestListener = (_request, response) => void response.end("one\ntwo\n");
  expect(
    await at(
      answer,
      `local s = assert(http.get(url, { stream = true })).stream
       local got = "" for chunk in function() return s:read(3) end do got = got .. chunk end
       local lines, scanner = {}, assert(http.get(url, { stream = true })).stream:scanner()
       while scanner:scan() do lines[#lines + 1] = scanner:text() end
       return { got, lines, s:read() == nil }`,
    ),
  ).toEqual(["one\ntwo\n", ["one", "two"], true]);
});

test("a batch runs at once and keeps its order; failures stand beside responses", async () => {
  let waiting = 0;
  const held: (() => void)[] = [];
  const answer: RequestListener = ({ url }, response) => {
    waiting += 1;
    held.push(() => void response.end(url));
    if (waiting === 2) for (const go of held) go();
  };
  expect(
    await at(
      answer,
      `local ok, errors = http.request_batch({ { "GET", url .. "/1" }, { "POST", url .. "/2", { body = "x" } }, { "GET", "http://127.0.0.1:1/" } })
       return { ok[1].body, ok[2].body, ok[3] == nil, errors[3]:kind(), select(2, http.request_batch({})) == nil }`,
    ),
  ).toEqual(["/1", "/2", true, "Unavailable", true]);
});

test("a slow answer, a silent body and a long one each meet their limit", async () => {
  const answer: RequestListener = ({ url }, response) => {
    if (url === "/long") response.end("x".repeat(1_001));
    if (url === "/body") response.write("begun");
  };
  expect(
    await at(
      answer,
      `local function kind(path, o) local r, e = http.get(url .. path, o) return r == nil and e:kind() end
       local s = assert(http.get(url .. "/body", { stream = true, timeout = "100ms" })).stream
       local first = s:read() local _, late = s:read()
       return { kind("/slow", { timeout = 0.05 }), kind("/body", { timeout = "50ms" }), first, late:kind(),
         kind("/long", { max_response_body = 1000 }), #http.get(url .. "/long", { max_response_body = 1001 }).body }`,
    ),
  ).toEqual(["Timeout", "Timeout", "begun", "Timeout", "Invalid", 1_001]);
});

test("a program that ends ends its requests", async () => {
  const closed = Promise.withResolvers<void>();
  const answer: RequestListener = (_request, response) => {
    response.on("close", () => closed.resolve());
    response.write("begun");
  };
  await using server = await serve(answer);
  await instance().run(`return http_client.get("http://${server.authority}", { stream = true }).stream:read()`);
  await closed.promise;
});

test("the trace of the call goes on", async () => {
  const trace = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7" };
  expect(await at(echo, `return json.decode(http.get(url).body).headers.traceparent`, { context: { trace } })).toBe(
    `00-${trace.traceId}-${trace.spanId}-01`,
  );
});

test("speaks over a Unix socket", async () => {
  const folder = mkdtempSync(join(tmpdir(), "weft-http-"));
  const path = join(folder, "s");
  const server = createServer(echo);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  try {
    expect(
      await instance().run(
        `return json.decode(http_client.get("http://docker/info", { unix_socket = "${path}" }).body).url`,
      ),
    ).toBe("/info");
  } finally {
    server.close();
    rmSync(folder, { recursive: true });
  }
});

test("TLS: a certificate that nobody vouches for is refused, unless it is given or not asked for", async () => {
  const { cert, key } = certificate();
  await using server = await listening(createSecureServer({ cert, key }, echo));
  const url = `https://localhost:${server.authority.split(":")[1] ?? ""}`;
  expect(
    await instance().run(
      `local cert = ... local function go(tls) local r, e = http_client.get("${url}", { tls = tls }) return e and tostring(e) or r.status_code end
       return { go(), go({ ca = cert }), go({ insecure_skip_verify = true }) }`,
      cert,
    ),
  ).toEqual([expect.stringMatching(/self-signed certificate/i), 200, 200]);
});

test.each([
  [`http.get("nowhere")`, "Invalid", "is no URL"],
  [`http.get("ftp://h/")`, "Invalid", "not by ftp"],
  [`http.get(url, { bodi = "x" })`, "Invalid", "bodi is no option"],
  [`http.get(url, { headers = { ["X\\r\\nY"] = "1" } })`, "Invalid", "no name of a header"],
  [`http.get(url, { headers = { X = "1\\r\\nY: 2" } })`, "Invalid", "control characters"],
  [`http.request("GET /", url)`, "Invalid", "is no method"],
  [`http.post(url, { body = "x", form = { a = 1 } })`, "Invalid", "not both"],
  [`http.post(url, { body = { a = 1 } })`, "Invalid", "a body is a string"],
  [`http.get(url, { timeout = "soon" })`, "Invalid", "timeout is"],
  [`http.get("http://nowhere.invalid/")`, "Unavailable", "nowhere.invalid"],
  [`http.get("http://127.0.0.1:1/")`, "Unavailable", "ECONNREFUSED"],
  [`http.get(url)`, "Unavailable", "failed"],
  [`http.request_batch({ { "GET" } })`, "Invalid", "item 1"],
  [`http.decode_uri("%ff")`, "Invalid", "percent-encoded"],
])("%s fails: %s, %s", async (code, kind, message) => {
  const hangUp: RequestListener = (request) => void request.socket.destroy();
  expect(await at(hangUp, `local r, e = ${code} return { r == nil, e:kind(), tostring(e) }`)).toEqual([
    true,
    kind,
    expect.stringContaining(message),
  ]);
});

test("encodes and decodes parts of addresses", async () => {
  expect(
    await instance().run(
      `local c = http_client return { c.encode_uri("a b&ü"), c.decode_uri("a+b%26%C3%BC"), c.decode_uri(c.encode_uri("+ %")) }`,
    ),
  ).toEqual(["a%20b%26%C3%BC", "a b&ü", "+ %"]);
});
