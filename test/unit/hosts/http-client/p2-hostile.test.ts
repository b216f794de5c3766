import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { IncomingBody } from "../../../../src/hosts/http-client/incoming-body.ts";
import { handle } from "../../../../src/hosts/http-client/response.ts";
import { bodyOf, errorOf, guest, options, settled, trailersOf } from "./support/guest.ts";
import { isLetGo, raw, says, saysEndlessly, type RawServer } from "./support/raw.ts";

const ok = "HTTP/1.1 200 OK\r\n";
const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`;

/** Writes on and on, as fast as it is taken. */
const endless = (head: string, part: string): Promise<RawServer> => raw((socket) => saysEndlessly(socket, head, part));

const drip = (head: string, part: string): Promise<RawServer> =>
  raw((socket) => {
    socket.once("data", () => socket.write(head));
    const timer = setInterval(() => socket.write(part), 5);
    socket.on("close", () => clearInterval(timer));
  });

const limits = options({ connectMs: 2_000, firstByteMs: 200, betweenBytesMs: 200 });

test.each<readonly [string, () => Promise<RawServer>, string]>([
  ["hangs up at once", () => raw((socket) => void socket.destroy()), "connection-terminated"],
  [
    "resets at once",
    () => raw((socket) => void socket.once("data", () => socket.resetAndDestroy())),
    "connection-terminated",
  ],
  [
    "has a head that does not end",
    () => endless(ok, `X-A: ${"a".repeat(1_000)}\r\n`),
    "HTTP-response-header-section-size",
  ],
  [
    "has one header that does not end",
    () => endless(`${ok}X-A: `, "a".repeat(1_000)),
    "HTTP-response-header-section-size",
  ],
  ["drips its head", () => drip("HTTP/1.1 200 OK\r\nX-A: ", "a"), "connection-read-timeout"],
  [
    "says again and again that it goes on",
    () => drip("", "HTTP/1.1 102 Processing\r\n\r\n"),
    "connection-read-timeout",
  ],
  ["has two lengths", () => says(`${ok}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`), "HTTP-protocol-error"],
  [
    "has a length and chunks",
    () => says(`${ok}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`),
    "HTTP-response-transfer-coding",
  ],
  ["has a length below zero", () => says(`${ok}Content-Length: -1\r\n\r\nab`), "HTTP-protocol-error"],
  ["has a bare return in a header", () => says(`${ok}X-A: a\rb\r\nContent-Length: 0\r\n\r\n`), "HTTP-protocol-error"],
  ["has a status that is none", () => says("HTTP/1.1 2x0 OK\r\n\r\n"), "HTTP-protocol-error"],
])("a server that %s fails the request, and its connection is let go", async (_what, start, tag) => {
  await using server = await start();
  using me = guest();
  expect(await settled(handle(me.request({ authority: server.authority }), limits))).toMatchObject({ err: { tag } });
  await isLetGo(server);
});

test.each<readonly [string, () => Promise<RawServer>]>([
  ["breaks off in its length", () => says(`${ok}Content-Length: 10\r\n\r\nhalf`, true)],
  ["breaks off in a chunk", () => says(`${chunked}5\r\nab`, true)],
  ["breaks off between chunks", () => says(`${chunked}2\r\nab\r\n`, true)],
  ["has a chunk whose length is none", () => says(`${chunked}zz\r\nab\r\n`)],
  ["has a chunk beyond all numbers", () => says(`${chunked}fffffffffffffffff\r\n`)],
  ["has a chunk longer than it says", () => says(`${chunked}1\r\nabc\r\n0\r\n\r\n`)],
  ["stands still", () => says(`${ok}Content-Length: 10\r\n\r\nhalf`)],
  ["has trailers that do not end", () => endless(`${chunked}0\r\n`, `X-A: ${"a".repeat(1_000)}\r\n`)],
  ["has an extension that does not end", () => endless(`${chunked}1;`, "a".repeat(1_000))],
])("a body that %s fails where it is read, and its connection is let go", async (_what, start) => {
  await using server = await start();
  using me = guest();
  const response = await settled(handle(me.request({ authority: server.authority }), limits));
  // What comes with the head may fail before the guest has it.
  if (!("err" in response)) await expect(bodyOf(response)).rejects.toThrow();
  await isLetGo(server);
});

test("a body without an end is read as far as the guest wants it; dropped, it lets go of its connection", async () => {
  await using server = await endless(chunked, `3e8\r\n${"x".repeat(1_000)}\r\n`);
  using me = guest();
  for (let index = 0; index < 5; index += 1) {
    const response = await settled(handle(me.request({ authority: server.authority }), limits));
    if ("err" in response) throw new Error("there is a response");
    const body = response.consume();
    const stream = body.stream();
    expect((await stream.blockingRead(10n)).length).toBeGreaterThan(0);
    stream[Symbol.dispose]();
    body[Symbol.dispose]();
    await isLetGo(server);
  }
});

test("trailers of a body without an end are waited for only so long", async () => {
  await using server = await drip(chunked, "1\r\nx\r\n");
  using me = guest();
  const response = await settled(handle(me.request({ authority: server.authority }), limits));
  if ("err" in response) throw new Error("there is a response");
  const body = response.consume();
  const trailers = IncomingBody.finish(body);
  const waiting = trailersOf(trailers).catch((error: unknown) => error);
  await sleep(50);
  trailers[Symbol.dispose]();
  await isLetGo(server);
  me[Symbol.dispose]();
  await waiting;
});

test.each([
  "127.0.0.1:80\r\nX-Evil: 1",
  "user@127.0.0.1",
  "127.0.0.1:99999",
  "127.0.0.1/path",
  "127.0.0.1:80:80",
  "a b",
  "[::1",
  "",
])("%j is no authority", (authority) => {
  using me = guest();
  const made = (): void => void handle(me.request({ authority }), undefined);
  expect(errorOf(made)).toHaveProperty("err");
});
