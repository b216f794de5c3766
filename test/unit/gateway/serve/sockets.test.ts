import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { silentLog } from "../../../../src/core/log.ts";
import { serverSettings } from "../../../../src/gateway/settings.ts";
import { serveFolder, type ServedFolder } from "../../../../src/gateway/serve/server.ts";
import { Folder, settings, shown } from "./support.ts";

const folder = new Folder({
  "a.wat": `(module (func (export "f") (result i32) (i32.const 1)) (func (export "spin") (loop (br 0))))`,
});
const bodyBytes = 10_000;
let served: ServedFolder;

async function open(overrides: Parameters<typeof settings>[0] = {}): Promise<ServedFolder> {
  return await serveFolder({
    directory: folder.path,
    server: serverSettings(
      { host: "127.0.0.1", port: 0 },
      { limits: { bodyBytes, headerBytes: 4_096, connections: 2_000 }, timeouts: { headersMs: 300, readMs: 600 } },
    ),
    modules: settings({ limits: { executionMs: 1_000 }, ...overrides }),
    isolates: 1,
    log: silentLog,
  });
}

beforeAll(async () => (served = await open()));
afterAll(async () => {
  await served[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** What the server says to some bytes, until it hangs up. */
async function said(text: string | Uint8Array, { keep = false } = {}): Promise<string> {
  const socket = dial();
  const pieces: Buffer[] = [];
  socket.on("data", (piece) => pieces.push(Buffer.from(piece)));
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.on("close", () => resolve());
  socket.on("error", () => undefined);
  socket.write(text);
  if (!keep) socket.end();
  await promise;
  return Buffer.concat(pieces).toString("latin1");
}

function dial(): Socket {
  return connect(Number(new URL(served.url).port), "127.0.0.1");
}

const head = (more: readonly string[]): string =>
  [`POST /call/a/f HTTP/1.1`, "Host: h", "Connection: close", ...more, "", ""].join("\r\n");

async function isWell(): Promise<void> {
  const response = await fetch(`${served.url}/call/a/f`, { method: "POST" });
  expect(await shown(response)).toEqual([200, 1]);
}

test.each([
  ["no HTTP at all", "\u0000\u0001\u0002 nonsense\r\n\r\n", /^HTTP\/1\.1 400 /],
  ["two lengths", head(["Content-Length: 1", "Content-Length: 2"]), /^HTTP\/1\.1 400 /],
  ["a length and chunks", head(["Content-Length: 1", "Transfer-Encoding: chunked"]), /^HTTP\/1\.1 400 /],
  ["a bad chunk", `${head(["Transfer-Encoding: chunked"])}zz\r\n`, /^HTTP\/1\.1 400 |^$/],
  ["a header with a bare line end", head(["X: a\nY: b"]), /^HTTP\/1\.1 (400|200) /],
  ["no host", "POST /call/a/f HTTP/1.1\r\n\r\n", /^HTTP\/1\.1 400 /],
  ["headers that are too long", head([`X: ${"x".repeat(5_000)}`]), /^HTTP\/1\.1 431 /],
  ["a length beyond the limit", head([`Content-Length: ${bodyBytes + 1}`]), /^HTTP\/1\.1 413 .*problem\+json/s],
  ["a length that is no number", head(["Content-Length: many"]), /^HTTP\/1\.1 400 /],
  ["an unknown transfer encoding", head(["Transfer-Encoding: gzip"]), /^HTTP\/1\.1 (400|501) /],
  ["an encoded body", `${head(["Content-Encoding: br", "Content-Length: 1"])}x`, /^HTTP\/1\.1 415 /],
  ["a body that is no JSON", `${head(["Content-Length: 1"])}{`, /^HTTP\/1\.1 400 .*not JSON/s],
  ["another method", head([]).replace("POST", "BREW"), /^HTTP\/1\.1 (400|405) /],
  ["a path that climbs", head([]).replace("/call/a/f", "/execute/..%2f..%2fetc%2fpasswd"), /^HTTP\/1\.1 404 /],
  ["a path that is no UTF-8", head([]).replace("/call/a/f", "/execute/%ff%fe"), /^HTTP\/1\.1 404 /],
])("%s is answered, and the server is well", async (_what, bytes, answer) => {
  expect(await said(bytes, { keep: true })).toMatch(answer);
  await isWell();
});

test("chunks beyond the limit are refused while they come", async () => {
  const chunk = `1000\r\n${"x".repeat(0x1000)}\r\n`;
  expect(await said(`${head(["Transfer-Encoding: chunked"])}${chunk.repeat(4)}0\r\n\r\n`, { keep: true })).toMatch(
    /^HTTP\/1\.1 413 /,
  );
  await isWell();
});

test.each([
  ["headers that do not come", "POST /call/a/f HTTP/1.1\r\nHost: h\r\nX-Slow: "],
  ["a body that does not come", head(["Content-Length: 100"])],
])("%s are waited for only so long", async (_what, bytes) => {
  expect(await said(bytes, { keep: true })).toMatch(/^HTTP\/1\.1 408 |^$/);
  await isWell();
});

test("a client that goes away ends its call", async () => {
  await using alone = await open({ slots: 1, queueLength: 0, limits: { executionMs: 60_000 } });
  const controller = new AbortController();
  const gone = fetch(`${alone.url}/call/a/spin`, { method: "POST", signal: controller.signal });
  while (!/weft_function_in_flight\{function_id="a:spin"\} 1/.test(await metrics(alone))) await Promise.resolve();
  controller.abort();
  await expect(gone).rejects.toThrow();
  while (!/weft_function_in_flight\{function_id="a:spin"\} 0/.test(await metrics(alone))) await Promise.resolve();
});

async function metrics({ url }: ServedFolder): Promise<string> {
  return await (await fetch(`${url}/metrics`)).text();
}

test("a thousand connections that say nothing do not keep others out", async () => {
  const sockets = Array.from({ length: 1_000 }, dial);
  for (const socket of sockets) socket.on("error", () => undefined);
  await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => void socket.once("connect", resolve))));
  await isWell();
  for (const socket of sockets) socket.destroy();
});

test("stopping lets requests in flight end, and takes no more", async () => {
  const own = await open({ limits: { executionMs: 300 } });
  const running = fetch(`${own.url}/call/a/spin`, { method: "POST" });
  while (!/a:spin"\} 1/.test(await metrics(own))) await Promise.resolve();
  const stopped = own.stop(20_000);
  expect((await running).status).toBe(504);
  await stopped;
  await expect(fetch(`${own.url}/functions`)).rejects.toThrow();
});
