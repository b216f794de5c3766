import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { silentLog } from "../../../src/core/log.ts";
import { serveFolder, type ServedFolder } from "../../../src/gateway/serve/server.ts";
import { serverSettings } from "../../../src/gateway/settings.ts";
import { Folder, settings } from "./serve/support.ts";
import { endpoint, router, serveApp, type ServedApp } from "./support/app.ts";

const guests = join(import.meta.dirname, "../../guests/rust/web");
const hash = createHash("sha256")
  .update(readFileSync(join(guests, "web.wasm")))
  .digest("hex");

/** Gives back what it gets, as often as a page has room: a small request has a large answer. */
const repeat = `(module
  (memory (export "memory") 200)
  (global $next (mut i32) (i32.const 1024))
  (func (export "allocate") (param i32) (result i32)
    (local $at i32)
    (local.set $at (global.get $next))
    (global.set $next (i32.add (global.get $next) (local.get 0)))
    (local.get $at))
  (func (export "size") (param i32 i32) (result i32) (local.get 1)))`;

let app: ServedApp;
let folder: Folder;
let served: ServedFolder;
beforeAll(async () => {
  const limits = { bodyBytes: 8_000_000 };
  folder = new Folder({ "web.wasm": "guest:rust/web/web.wasm", "size.wat": repeat });
  app = await serveApp(
    `${router()}
  - { name: guests, kind: fs.directory, directory: ${guests} }
  - { name: web, kind: function.wasm, fs: guests, path: web.wasm, hash: "sha256:${hash}", imports: ["wasi:clocks"] }
  - { name: web_get, kind: http.endpoint, meta: { router: router }, method: GET, path: "/web/{rest...}", func: web }
  - { name: web_post, kind: http.endpoint, meta: { router: router }, method: POST, path: "/web/{rest...}", func: web }
  - { name: size_post, kind: http.endpoint, meta: { router: router }, method: POST, path: "/size", func: size }
  - name: size
    kind: function.wat
    source: |
${repeat.replaceAll(/^/gm, "      ")}
    wit: "size: func(body: list<u8>) -> u32;"
    method: size
    transport: wasi-http
` +
      endpoint("GET", "/well", "return true") +
      endpoint("POST", "/read", "local stream = req:stream() while stream:read() do end return true") +
      endpoint("GET", "/flood", `for i = 1, 100 do res:write(string.rep("x", 1048576)) end`) +
      endpoint(
        "GET",
        "/counted",
        `
local logger = require("logger")
for i = 1, 1000 do
  res:write(string.rep("x", 1048576))
  logger:info("written", { mib = i })
end`,
      ).replaceAll("modules: [http,", "modules: [logger, http,"),
    { service: `    limits: { body_bytes: ${limits.bodyBytes} }` },
  );
  served = await serveFolder({
    directory: folder.path,
    server: serverSettings({ host: "127.0.0.1", port: 0 }, { limits }),
    modules: settings(),
    isolates: 1,
    log: silentLog,
  });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await served[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  while (app.runtime.loads.some((load) => load > 0)) await sleep(5);
  expect(await (await app.fetch("/well")).json()).toBe(true);
  for (;;) {
    const metrics = await (await fetch(`${served.url}/metrics`)).text();
    if (!/^weft_function_in_flight\{[^}]*\} [1-9]/m.test(metrics)) break;
  }
  expect((await fetch(`${served.url}/handle/web.wasm/web/hello`)).status).toBe(200);
});

interface Door {
  readonly url: string;
  readonly path: string;
}

const doors: Readonly<Record<string, (door: { readonly up: boolean }) => Door>> = {
  Lua: ({ up }) => ({ url: app.url, path: up ? "/read" : "/flood" }),
  "a handler": ({ up }) => ({ url: app.url, path: up ? "/web/count" : "/web/flood?100" }),
  "weft serve's handler": ({ up }) => ({
    url: served.url,
    path: `/handle/web.wasm/web/${up ? "count" : "flood?100"}`,
  }),
};
const uploads: Readonly<Record<string, () => Door>> = {
  "a typed function": () => ({ url: app.url, path: "/size" }),
  "weft serve's function": () => ({ url: served.url, path: "/execute/size.wat?func=size" }),
};

async function open({ url }: Door, text: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  sockets.push(socket);
  socket.on("error", () => undefined);
  await new Promise((resolve) => socket.write(text, resolve));
  return socket;
}

const send = async (door: Door, length: number, sent: number): Promise<Socket> =>
  await open(door, `POST ${door.path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n${"x".repeat(sent)}`);

test.each(Object.entries({ ...doors, ...uploads }))(
  "a client that vanishes while it sends to %s",
  async (_what, door) => {
    for (const [length, sent] of [
      [1_000, 10],
      [7_000_000, 0],
      [7_000_000, 3_000_000],
    ] as const) {
      const socket = await send(door({ up: true }), length, sent);
      await sleep(10);
      socket.resetAndDestroy();
    }
  },
);

test.each(Object.entries({ ...doors, ...uploads }))(
  "a client that ends its half of the connection in a body to %s",
  async (_what, door) => {
    const socket = await send(door({ up: true }), 7_000_000, 3_000_000);
    socket.end();
    const answer: Buffer[] = [];
    socket.on("data", (part: Buffer) => answer.push(part));
    await new Promise((resolve) => socket.once("close", resolve));
    expect(Buffer.concat(answer).toString()).not.toMatch(/^HTTP\/1.1 200/);
  },
);

test.each(Object.entries(doors))("a client that vanishes while %s sends to it", async (_what, door) => {
  const at = door({ up: false });
  for (const bytes of [1, 500_000]) {
    const socket = await open(at, `GET ${at.path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    socket.resume();
    while (socket.bytesRead < bytes) await sleep(1);
    socket.resetAndDestroy();
  }
});

test("what a program has written for a client that reads nothing is bounded", async () => {
  const socket = await open({ url: app.url, path: "" }, "GET /counted HTTP/1.1\r\nHost: x\r\n\r\n");
  socket.pause();
  const written = (): number => app.lines.filter((line) => line.includes('"mib"')).length;
  while (written() === 0) await sleep(5);
  for (let before = -1; before !== written();) {
    before = written();
    await sleep(200);
  }
  // Windows of the program, the server and the kernel, of a thousand that it would write.
  expect(written()).toBeLessThan(30);
});

test.each(Object.entries(doors))(
  "%s holds no more of a response than windows, while its client reads nothing",
  async (_what, door) => {
    const { url, path } = door({ up: false });
    const clients = await Promise.all(
      Array.from({ length: 5 }, () => open({ url, path }, `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)),
    );
    for (const client of clients) client.pause();
    const before = process.memoryUsage().rss;
    await sleep(500);
    // Of 500 MiB; guests have memories of their own.
    expect(process.memoryUsage().rss - before).toBeLessThan(150 << 20);
    // One that reads after all gets the rest.
    const [one] = clients;
    one?.resume();
    const read = (): number => one?.bytesRead ?? 0;
    while (read() < 20 << 20) await sleep(5);
  },
);
