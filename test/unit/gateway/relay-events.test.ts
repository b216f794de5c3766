import { request, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { endpoint, router, serveApp, type ServedApp } from "./support/app.ts";

const processes = `
  - { name: host, kind: process.host, lifecycle: { auto_start: true } }
  - name: feed
    kind: process.lua
    modules: [logger, json]
    source: |
      local logger, json = require("logger"), require("json")
      return function()
        local inbox, events = process.inbox(), process.events()
        while true do
          local got = channel.select({ inbox:case_receive(), events:case_receive() })
          if got.channel == events then
            if got.value.kind == "pid.cancel" then return end
            logger:info("event", { kind = got.value.kind, from = got.value.from })
          else
            local msg = got.value
            local data = msg:payload() and msg:payload():data()
            logger:info("heard", { topic = msg:topic(), data = type(data) == "table" and json.encode(data) or data })
            if msg:topic() == "sse.join" then
              process.monitor(data.client_pid)
              process.send(data.client_pid, "sse.message", { hello = data.metadata })
              process.send(data.client_pid, "other", "not for the client")
              process.send(data.client_pid, "sse.message", "two\\nlines")
            elseif msg:topic() == "say" then process.send(data.to, data.topic or "sse.message", data.text)
            elseif msg:topic() == "flood" then
              local sent = 0
              while true do
                local ok, err = process.send(data.to, "sse.message", string.rep("x", 100000))
                if err then logger:info("flooded", { sent = sent, kind = err:kind() }) break end
                sent = sent + 1
              end
            elseif msg:topic() == "end" then return end
          end
        end
      end
`;

let app: ServedApp;
beforeAll(async () => {
  app = await serveApp(
    processes +
      router("post_middleware: [sse_relay, websocket_relay]") +
      endpoint(
        "GET",
        "/events",
        `
local json = require("json")
local pid = process.spawn("api:feed", "api:host")
process.registry.register("feed", pid)
res:set_header("X-SSE-Relay", json.encode({ target_pid = pid, metadata = { user = "ann" }, heartbeat_interval = "10ms" }))`,
      ) +
      endpoint("GET", "/detached", `res:set_header("X-SSE-Relay", '{"idle_timeout":"5m"}')`) +
      endpoint("GET", "/idle", `res:set_header("X-SSE-Relay", '{"idle_timeout":"20ms"}')`) +
      endpoint(
        "GET",
        "/ws",
        `res:set_header("X-WS-Relay", require("json").encode({ target_pid = process.spawn("api:feed", "api:host") }))`,
      ) +
      endpoint(
        "POST",
        "/send",
        `
local body = req:body_json()
local ok, err = process.send(body.dest, body.topic, body.payload)
return { ok = ok, error = err and err:kind() }`,
      ) +
      endpoint("GET", "/plain", `return "plain"`) +
      endpoint("POST", "/terminate", `local ok, err = process.terminate(req:body()) return { ok = ok }`),
  );
});
afterAll(async () => await app[Symbol.asyncDispose]());

const post = async (path: string, body: string): Promise<unknown> =>
  await (await app.fetch(path, { method: "POST", body })).json();
const send = (dest: string, topic: string, payload: unknown = null): Promise<unknown> =>
  post("/send", JSON.stringify({ dest, topic, payload }));

interface Stream extends Disposable {
  readonly response: IncomingMessage;
  /** The next event that is no heartbeat, as its lines; undefined at the end. */
  next(): Promise<string | undefined>;
}

async function open(path: string, from: ServedApp = app): Promise<Stream> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request(`${from.url}${path}`, resolve).on("error", reject).end();
  const response = await promise;
  const parts = response[Symbol.asyncIterator]();
  let rest = "";
  return {
    response,
    async next() {
      for (;;) {
        const end = rest.indexOf("\n\n");
        if (end >= 0) {
          const event = rest.slice(0, end);
          rest = rest.slice(end + 2);
          if (event !== ": heartbeat") return event;
          continue;
        }
        const part: IteratorResult<unknown> = await parts.next();
        if (part.done === true) return undefined;
        rest += String(part.value);
      }
    },
    [Symbol.dispose]: () => response.destroy(),
  };
}

/** The pid that an event `ready` tells. */
function pidOf(event: string | undefined): string {
  return /"stream_pid":"([^"]+)"/.exec(event ?? "")?.[1] ?? "";
}

async function line(pattern: RegExp, lines: readonly string[] = app.lines): Promise<string> {
  for (;;) {
    const found = lines.find((each) => pattern.test(each));
    if (found !== undefined) return found;
    await new Promise(setImmediate);
  }
}

test("a process's letters of the topic are events; when it ends the client is told, and the stream is over", async () => {
  using stream = await open("/events");
  expect(stream.response.headers["content-type"]).toBe("text/event-stream");
  expect(await stream.next()).toBe('event: sse.message\ndata: {"hello":{"user":"ann"}}');
  expect(await stream.next()).toBe('event: sse.message\ndata: "two\\nlines"');
  expect(await line(/sse.heartbeat/)).toContain("message_count");
  await send("feed", "end");
  expect(await stream.next()).toBe('event: done\ndata: {"reason":"the process has ended"}');
  expect(await stream.next()).toBeUndefined();
});

test("a client that goes away leaves its process, and whoever monitors it is told", async () => {
  const stream = await open("/events");
  await stream.next();
  stream[Symbol.dispose]();
  expect(await line(/sse.leave/)).toContain("client_pid");
  expect(await line(/"kind":"pid.exit","from":"\{api:server\|/)).toContain("event");
  await send("feed", "end");
});

test("a stream that nobody has tells its pid: anybody can write to it, take it, change it, end it", async () => {
  using stream = await open("/detached");
  const ready = await stream.next();
  const pid = pidOf(ready);
  expect(ready).toMatch(/^event: ready\n.*"message_topic":"sse.message"/);
  expect(await send(pid, "sse.message", [1, { a: true }])).toEqual({ ok: true });
  expect(await stream.next()).toBe('event: sse.message\ndata: [1,{"a":true}]');
  expect(await send(pid, "sse.control", { message_topic: "news" })).toEqual({ ok: true });
  await send(pid, "sse.message", "not now");
  await send(pid, "news", "now");
  expect(await stream.next()).toBe('event: news\ndata: "now"');
  await send(pid, "sse.control", { heartbeat_interval: "nonsense" });
  expect(await line(/could not be changed/)).toContain("heartbeat_interval");
  await send(pid, "sse.close", "enough");
  expect(await stream.next()).toBe('event: done\ndata: {"reason":"enough"}');
  expect(await send(pid, "news", "nobody")).toEqual({ error: "NotFound" });
});

test("a stream can be ended like a process, and ends when nothing moves", async () => {
  using stream = await open("/detached");
  const pid = pidOf(await stream.next());
  expect(await post("/terminate", pid)).toEqual({ ok: true });
  expect(await stream.next()).toContain("process terminated");
  using idle = await open("/idle");
  await idle.next();
  expect(await idle.next()).toContain("nothing moved");
});

test("who writes more than a client reads is told that its mailbox is full", async () => {
  using stream = await open("/detached");
  const pid = pidOf(await stream.next());
  stream.response.pause();
  using _feed = await open("/events");
  await send("feed", "flood", { to: pid });
  expect(await line(/flooded/)).toMatch(/RateLimited|Unavailable|Conflict|NotFound/);
  await send("feed", "end");
});

test("who may not write to a process may not have a client do it", async () => {
  const tokenOf = (policy: string): string => `
  - name: token_${policy}
    kind: function.lua
    modules: [security]
    source: |
      local security = require("security")
      return function()
        local scope = security.new_scope({ security.policy("api:${policy}") })
        return security.token_store("api:tokens"):create(security.new_actor("ann", {}), scope, {})
      end
  - { name: ${policy}, kind: security.policy, policy: { actions: [${policy === "most" ? "'process.spawn', 'process.host'" : "'*'"}], resources: "*", effect: allow } }
`;
  await using own = await serveApp(
    `${processes}${tokenOf("most")}${tokenOf("all")}
  - { name: kept, kind: store.memory }
  - { name: tokens, kind: security.token_store, store: kept }
` +
      router("middleware: [token_auth]\noptions: { token_auth.store: tokens }\npost_middleware: [sse_relay]") +
      endpoint(
        "GET",
        "/events",
        `
local pid, err = process.spawn("api:feed", "api:host")
res:set_header("X-SSE-Relay", require("json").encode({ target_pid = pid }))`,
      ),
  );
  const status = async (policy: string): Promise<number> => {
    const token = await own.runtime.call(`api:token_${policy}`);
    if (typeof token !== "string") throw new Error("no token");
    const response = await own.fetch("/events", { headers: { authorization: `Bearer ${token}` } });
    await response.body?.cancel();
    return response.status;
  };
  expect([await status("most"), await status("all")]).toEqual([403, 200]);
});

test("pages of other origins get no stream; what is no stream is not asked where it comes from", async () => {
  const status = async (path: string, origin: string): Promise<number> => {
    const response = await app.fetch(path, { headers: { origin } });
    await response.body?.cancel();
    return response.status;
  };
  expect(await status("/detached", "https://evil.example")).toBe(403);
  expect(await status("/detached", app.url)).toBe(200);
  expect(await status("/plain", "https://evil.example")).toBe(200);
});

test("HEAD has the headers and begins nothing", async () => {
  const response = await app.fetch("/detached", { method: "HEAD" });
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
});

test("a server that stops ends what would go on for ever", async () => {
  const own = await serveApp(
    processes +
      router("post_middleware: [sse_relay, websocket_relay]") +
      endpoint("GET", "/detached", `res:set_header("X-SSE-Relay", "{}")`) +
      endpoint(
        "GET",
        "/ws",
        `res:set_header("X-WS-Relay", require("json").encode({ target_pid = process.spawn("api:feed", "api:host") }))`,
      ),
    { stopTimeout: "1m" },
  );
  using stream = await open("/detached", own);
  await stream.next();
  const socket = new WebSocket(`${own.url.replace("http", "ws")}/ws`);
  const closed = new Promise<number>((resolve) => socket.on("close", resolve));
  await line(/ws.join/, own.lines);
  await own[Symbol.asyncDispose]();
  expect(await closed).toBe(1001);
  expect(await stream.next()).toContain("the server stops");
  expect(await text(stream.response)).toBe("");
});

test("a server that stops cuts off a request that would become a WebSocket and is not answered", async () => {
  const own = await serveApp(router() + endpoint("GET", "/slow", `require("time").sleep("1h")`), {
    stopTimeout: "100ms",
  });
  const socket = new WebSocket(`${own.url.replace("http", "ws")}/slow`);
  const failed = new Promise((resolve) => socket.on("error", resolve));
  while (own.runtime.loads.every((load) => load === 0)) await new Promise(setImmediate);
  await own[Symbol.asyncDispose]();
  await failed;
});

test("clients that leave at any moment leave no pid behind", async () => {
  const leave = async (path: string, headers: Readonly<Record<string, string>>, ms: number): Promise<void> => {
    const sockets: Duplex[] = [];
    const asked = request(`${app.url}${path}`, { headers, agent: false }).on("error", () => undefined);
    asked.on("response", (response) => void response.on("error", () => undefined).resume());
    asked.on("upgrade", (_response, socket) => {
      socket.on("error", () => undefined);
      sockets.push(socket);
    });
    asked.end();
    await new Promise((resolve) => setTimeout(resolve, ms));
    asked.destroy();
    for (const socket of sockets) socket.destroy();
  };
  const upgrade = {
    connection: "upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
  };
  for (let ms = 0; ms < 15; ms += 1) {
    await Promise.all([leave("/detached", {}, ms), leave("/detached", {}, ms), leave("/ws", upgrade, ms)]);
  }
  // As many as came have gone; each pid that was told is nobody's now.
  const told = (topic: string): number => app.lines.filter((each) => each.includes(`"topic":"${topic}"`)).length;
  while (told("ws.join") !== told("ws.leave")) await new Promise((resolve) => setTimeout(resolve, 5));
  const gone = app.lines.flatMap((each) => /ws\.join.*client_pid[^{]*(\{api:server\|[\d.]+\})/.exec(each)?.[1] ?? []);
  for (const pid of gone) expect(await send(pid, "anything")).toEqual({ error: "NotFound" });
});
