import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { canceled, Cancellation } from "../../../../src/core/cancellation.ts";
import type { Value } from "../../../../src/core/values.ts";
import { instance } from "../lua/support/instance.ts";
import { isLetGo, raw, says, saysEndlessly, type RawServer } from "./support/raw.ts";

/** Asks a server, and says what came of it: the status and the length of the body, or the kind and the text of the error. */
async function ask({ authority }: RawServer, more = "", verb = "get"): Promise<Value> {
  const { run } = instance();
  return await run(`
    local r, e = http_client.${verb}("http://${authority}/", { timeout = "2s", max_response_body = 100000${more} })
    if e then return { e:kind(), tostring(e) } end
    return { r.status_code, #(r.body or "") }`);
}

const ok = "HTTP/1.1 200 OK\r\n";
const failure = (text = ""): unknown => ["Unavailable", expect.stringContaining(text)];

const bomb = Buffer.alloc(50_000_000);
const encoded = (encoding: string, body: Uint8Array): Uint8Array =>
  Buffer.concat([
    Buffer.from(`${ok}Connection: close\r\nContent-Encoding: ${encoding}\r\nContent-Length: ${body.length}\r\n\r\n`),
    body,
  ]);

test.each<readonly [string, () => Promise<RawServer>]>([
  ["hangs up at once", () => raw((socket) => void socket.destroy())],
  ["resets at once", () => raw((socket) => void socket.once("data", () => socket.resetAndDestroy()))],
  ["hangs up in the head", () => says(`${ok}Content-`, true)],
  ["hangs up in the body", () => says(`${ok}Content-Length: 100\r\n\r\nhalf`, true)],
  ["hangs up in a chunk", () => says(`${ok}Transfer-Encoding: chunked\r\n\r\n5\r\nab`, true)],
  ["hangs up between chunks", () => says(`${ok}Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n`, true)],
  [
    "resets in the body",
    () =>
      raw((socket) => {
        socket.once("data", () => {
          socket.write(`${ok}Content-Length: 100\r\n\r\nhalf`);
          setTimeout(() => socket.resetAndDestroy(), 20);
        });
      }),
  ],
  ["says no HTTP", () => says("SSH-2.0-OpenSSH\r\n\r\n")],
  ["has a status that is none", () => says("HTTP/1.1 2x0 OK\r\nContent-Length: 0\r\n\r\n")],
  ["has a chunk whose length is none", () => says(`${ok}Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n`)],
  ["has a chunk beyond all numbers", () => says(`${ok}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n`)],
  ["has a chunk longer than it says", () => says(`${ok}Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n`)],
  ["has two lengths", () => says(`${ok}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`)],
  ["has a length and chunks", () => says(`${ok}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`)],
  ["has a length below zero", () => says(`${ok}Content-Length: -1\r\n\r\nab`)],
  ["has a bare return in a header", () => says(`${ok}X-A: a\rb\r\nContent-Length: 0\r\n\r\n`)],
  ["has a head that does not end", () => raw((socket) => saysEndlessly(socket, ok, `X-A: ${"a".repeat(1_000)}\r\n`))],
  ["has one header that does not end", () => raw((socket) => saysEndlessly(socket, `${ok}X-A: `, "a".repeat(1_000)))],
  [
    "has trailers that do not end",
    () =>
      raw((socket) =>
        saysEndlessly(socket, `${ok}Transfer-Encoding: chunked\r\n\r\n0\r\n`, `X-A: ${"a".repeat(1_000)}\r\n`),
      ),
  ],
  [
    "has a chunk's extension that does not end",
    () => raw((socket) => saysEndlessly(socket, `${ok}Transfer-Encoding: chunked\r\n\r\n1;`, "a".repeat(1_000))),
  ],
  ["changes the protocol", () => says("HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n")],
  ["compresses nonsense", () => says(encoded("gzip", Buffer.from("nonsense")))],
  ["compresses and breaks off", () => says(encoded("gzip", gzipSync("x".repeat(1_000)).subarray(0, 15)))],
  [
    "redirects to a file",
    () => says("HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n"),
  ],
  ["redirects to nothing", () => says("HTTP/1.1 302 Found\r\nLocation: http://[bad\r\nContent-Length: 0\r\n\r\n")],
  ["redirects in a circle", () => says("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")],
  [
    "redirects with a body that does not end",
    () => raw((socket) => saysEndlessly(socket, "HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", "x".repeat(10_000))),
  ],
])("a server that %s is a failure that can be tried again, and its connection is let go", async (_what, start) => {
  await using server = await start();
  expect(await ask(server)).toEqual(failure());
  await isLetGo(server);
});

test.each<readonly [string, () => Promise<RawServer>]>([
  ["a body", () => raw((socket) => saysEndlessly(socket, `${ok}\r\n`, "x".repeat(10_000)))],
  [
    "chunks",
    () =>
      raw((socket) =>
        saysEndlessly(socket, `${ok}Transfer-Encoding: chunked\r\n\r\n`, `3e8\r\n${"x".repeat(1_000)}\r\n`),
      ),
  ],
  ["a gzip bomb", () => says(encoded("gzip", gzipSync(bomb)))],
  ["a deflate bomb", () => says(encoded("deflate", deflateSync(bomb)))],
  ["a brotli bomb", () => says(encoded("br", brotliCompressSync(bomb)))],
  ["a length that is too large", () => says(`${ok}Content-Length: 99999999999\r\n\r\nx`)],
])("%s without an end meets the limit of the program", async (_what, start) => {
  await using server = await start();
  expect(await ask(server)).toEqual(["Invalid", expect.stringContaining("100000 bytes")]);
  await isLetGo(server);
});

const drip = (head: string, part: string): Promise<RawServer> =>
  raw((socket) => {
    socket.once("data", () => socket.write(head));
    const timer = setInterval(() => socket.write(part), 5);
    socket.on("close", () => clearInterval(timer));
  });

test.each<readonly [string, () => Promise<RawServer>]>([
  ["says nothing", () => raw((socket) => void socket.resume())],
  ["drips its head", () => drip("HTTP/1.1 200 OK\r\nX-A: ", "a")],
  ["drips its body", () => drip(`${ok}Content-Length: 100000\r\n\r\n`, "a")],
  ["drips chunks", () => drip(`${ok}Transfer-Encoding: chunked\r\n\r\n`, "1\r\na\r\n")],
  ["says again and again that it goes on", () => drip("", "HTTP/1.1 102 Processing\r\n\r\n")],
  [
    "redirects again and again, slowly",
    () =>
      raw((socket) => {
        socket.on(
          "data",
          () =>
            void setTimeout(() => socket.write("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"), 30),
        );
      }),
  ],
])("a server that %s meets the timeout", async (_what, start) => {
  await using server = await start();
  expect(await ask(server, `, timeout = "150ms", redirects = 1000`)).toEqual(["Timeout", expect.anything()]);
  await isLetGo(server);
});

test("what is right is taken, however odd: lengths, encodings, statuses", async () => {
  const right = async (text: string | Uint8Array, verb = "get", end = false): Promise<Value> => {
    await using server = await says(text, end);
    return await ask(server, "", verb);
  };
  expect(await right(`${ok}Content-Length: 2\r\n\r\nabcdef`)).toEqual([200, 2]);
  expect(await right(`${ok}\r\nuntil the end`, "get", true)).toEqual([200, 13]);
  expect(await right(encoded("deflate", deflateSync("x".repeat(500))))).toEqual([200, 500]);
  expect(await right(encoded("unknown", Buffer.from("as it is")))).toEqual([200, 8]);
  expect(await right(`${ok}Content-Encoding: gzip\r\nContent-Length: 30\r\n\r\n`, "head")).toEqual([200, 0]);
  expect(await right(`HTTP/1.1 304 Not Modified\r\nContent-Encoding: gzip\r\n\r\n`)).toEqual([304, 0]);
  expect(await right(`HTTP/1.1 599 Odd\r\nContent-Length: 0\r\n\r\n`)).toEqual([599, 0]);
  expect(await right(`HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${ok}Content-Length: 1\r\n\r\na`)).toEqual([200, 1]);
});

test("a program that says what its connection is to be is not heard: its request is one request", async () => {
  const asked: string[] = [];
  await using server = await raw((socket) => {
    socket.on("data", (data) => {
      asked.push(data.toString());
      socket.write(`${ok}Content-Length: 0\r\n\r\n`);
    });
  });
  const { run } = instance();
  const go = (headers: string, body = ""): Value | Promise<Value> =>
    run(`
      local r, e = http_client.request("${body === "" ? "GET" : "POST"}", "http://${server.authority}/", { headers = ${headers}${body} })
      return e and { e:kind(), tostring(e) } or r.status_code`);
  const inner = "GET /inner HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n";
  for (const name of [
    "Content-Length",
    "Transfer-Encoding",
    "Connection",
    "Upgrade",
    "Trailer",
    "Keep-Alive",
    "TE",
    "Expect",
  ]) {
    for (const body of ["", `, body = "${inner}"`]) {
      const value = name === "Transfer-Encoding" ? "chunked" : "50";
      expect([name, await go(`{ ["${name}"] = "${value}" }`, body)]).toEqual([name, 200]);
      const [, said = ""] = /^[^]*\r\ncontent-length: (\d+)\r\n/i.exec(asked.at(-1) ?? "") ?? [];
      expect(asked.at(-1)).not.toMatch(/chunked|\b50\b|^(upgrade|expect|te|trailer):/im);
      expect(said).toBe(body === "" ? "" : String(inner.replaceAll("\\r\\n", "..").length));
    }
  }
  expect(await go(`{}, cookies = { a = "b\\r\\nX-Evil: 1" }`)).toEqual(["Invalid", expect.stringContaining("cookie")]);
  expect(await go(`{ ["X-A"] = "b\\r\\nX-Evil: 1" }`)).toEqual(["Invalid", expect.stringContaining("x-a")]);
  expect(await go(`{ ["X-A\\r\\nX-Evil"] = "1" }`)).toEqual(["Invalid", expect.anything()]);
  expect(await go(`{ Host = "other.example" }`)).toBe(200);
  expect(asked.join("")).not.toContain("Evil");
});

test("a method is a word, and no tunnel", async () => {
  const { run } = instance();
  const kind = (method: string): Value | Promise<Value> =>
    run(`local _, e = http_client.request(${JSON.stringify(method)}, "http://127.0.0.1:1/") return e:kind()`);
  expect(await kind("CONNECT")).toBe("Invalid");
  expect(await kind("GET / HTTP/1.1\r\nX: y")).toBe("Invalid");
  expect(await kind("")).toBe("Invalid");
  expect(await kind("PURGE")).toBe("Unavailable");
});

test("streams that are not read to their end let go of their connections: closed, or with the program", async () => {
  await using server = await says(`${ok}\r\n${"x".repeat(50_000)}`);
  const { run } = instance();
  expect(
    await run(`
      local got = {}
      for i = 1, 150 do
        local r, e = http_client.get("http://${server.authority}/", { stream = true })
        if e then return { i, tostring(e) } end
        got[#got + 1] = #r.stream:read(10)
        r.stream:close()
      end
      return #got`),
  ).toBe(150);
  await isLetGo(server);
  expect(
    await run(`
      local opened, last = 0, nil
      for i = 1, 200 do
        local r, e = http_client.get("http://${server.authority}/", { stream = true })
        if e then last = tostring(e) break end
        opened = opened + 1
      end
      return { opened, last }`),
  ).toEqual([128, expect.stringContaining("128 requests under way")]);
  await isLetGo(server);
});

test("a batch larger than may be under way runs in turns; what fails stands by its number", async () => {
  let most = 0;
  await using server = await raw((socket) => {
    most = Math.max(most, server.sockets.size);
    socket.once("data", (data) => {
      const number = Number(/GET \/(\d+)/.exec(data.toString())?.[1]);
      if (number % 50 === 0) return socket.destroy();
      return socket.end(`${ok}Connection: close\r\n\r\n${number}`);
    });
  });
  const { run } = instance();
  expect(
    await run(`
      local items = {}
      for i = 1, 300 do items[i] = { "GET", "http://${server.authority}/" .. i } end
      items[301] = { "GET", "nonsense" }
      local ok, errors = http_client.request_batch(items)
      local right, failed = 0, {}
      for i = 1, 301 do
        if ok[i] and ok[i].body == tostring(i) then right = right + 1 end
        if errors[i] then failed[#failed + 1] = i .. ":" .. errors[i]:kind() end
      end
      return { right, failed }`),
  ).toEqual([
    294,
    [
      "50:Unavailable",
      "100:Unavailable",
      "150:Unavailable",
      "200:Unavailable",
      "250:Unavailable",
      "300:Unavailable",
      "301:Invalid",
    ],
  ]);
  expect(most).toBeLessThanOrEqual(128);
});

test("a call that is cancelled while it waits ends its request, wherever that is", async () => {
  for (const said of ["", "HTTP/1.1 200 OK\\r\\nContent-", `${ok}Content-Length: 100\r\n\r\nhalf`]) {
    const asked = Promise.withResolvers<undefined>();
    await using server = await raw((socket) => {
      socket.once("data", () => {
        socket.write(said);
        asked.resolve(undefined);
      });
    });
    const cancellation = new Cancellation();
    const { run } = instance({ context: { cancellation } });
    const result = Promise.resolve(run(`return http_client.get("http://${server.authority}/")`));
    const failed = expect(result).rejects.toThrow("changed my mind");
    await asked.promise;
    cancellation.cancel(canceled("changed my mind"));
    await failed;
    await isLetGo(server);
  }
});

test("a handshake that does not come, and one that is none, belong to the time of the request", async () => {
  await using silent = await raw((socket) => void socket.resume());
  await using plain = await says("HTTP/1.1 400 Bad Request\r\n\r\n");
  const { run } = instance();
  const secure = ({ authority }: RawServer): Value | Promise<Value> =>
    run(`local _, e = http_client.get("https://${authority}/", { timeout = "200ms" }) return e:kind()`);
  expect(await secure(silent)).toBe("Timeout");
  expect(await secure(plain)).toBe("Unavailable");
  await isLetGo(silent);
  await isLetGo(plain);
});
