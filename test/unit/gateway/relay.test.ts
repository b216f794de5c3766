import { request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { endpoint, router, serveApp, type ServedApp } from "./support/app.ts";

/** A process that tells its client, and the log, everything that it hears. */
const echo = `
  - { name: host, kind: process.host, lifecycle: { auto_start: true } }
  - name: echo
    kind: process.lua
    modules: [json, logger]
    source: |
      local json, logger = require("json"), require("logger")
      return function()
        local inbox = process.inbox()
        while true do
          local msg, ok = inbox:receive()
          if not ok then return end
          local topic, data = msg:topic(), msg:payload() and msg:payload():data()
          logger:info("heard", { topic = topic, from = msg:from(), data = type(data) == "table" and json.encode(data) or data })
          if topic == "ws.join" then process.send(data.client_pid, "welcome", { metadata = data.metadata })
          elseif data == "end" then return
          elseif data == "fail" then error("failed on purpose")
          elseif data == "close" then process.send(msg:from(), "ws.close", { code = 4001, reason = "enough" })
          elseif data == "bye" then process.send(msg:from(), "ws.close", "bye")
          elseif data == "raw" then process.send(msg:from(), "ws.send", { type = "text", data = "as it is" })
          elseif data == "bytes" then process.send(msg:from(), "ws.send", { type = "binary", data = "\\1\\2\\255" })
          elseif data == "give" then
            local other = process.spawn("api:echo", "api:host")
            process.send(msg:from(), "ws.control", { target_pid = other, message_topic = "other", metadata = { moved = true } })
          elseif topic == "ws.message" or topic == "other" then process.send(msg:from(), "echo", { topic = topic, data = data }) end
        end
      end
`;

/** A process that reads nothing until it is told to, and then says how much there was. */
const busy = `
  - name: busy
    kind: process.lua
    modules: [logger]
    source: |
      return function()
        local go, messages = process.listen("go"), process.listen("m")
        process.registry.register("busy")
        go:receive()
        local count = 0
        while count < 5000 do
          if messages:receive() then count = count + 1 end
        end
        require("logger"):info("read", { count = count })
      end
`;

const relay = (more = ""): string => `
local json = require("json")
local pid = process.spawn("api:echo", "api:host")
res:set_header("X-WS-Relay", json.encode({ target_pid = pid, metadata = { user = req:query("user") }${more} }))`;

let app: ServedApp;
beforeAll(async () => {
  app = await serveApp(
    echo +
      busy +
      router("post_middleware: [websocket_relay]\npost_options: { wsrelay.message.bytes: 5000 }") +
      endpoint("GET", "/ws", relay()) +
      endpoint("GET", "/beat", relay(', heartbeat_interval = "20ms"')) +
      endpoint("GET", "/brief", relay(', hard_timeout = "50ms"')) +
      endpoint(
        "GET",
        "/busy",
        `res:set_header("X-WS-Relay", require("json").encode({ target_pid = process.spawn("api:busy", "api:host"), message_topic = "m" }))`,
      ) +
      endpoint("GET", "/nobody", `res:set_header("X-WS-Relay", '{"target_pid":"{api:host|0.99999}"}')`) +
      endpoint("GET", "/nonsense", `res:set_header("X-WS-Relay", "nonsense")`) +
      endpoint("GET", "/refuse", `res:set_status(403) res:set_header("X-WS-Relay", "{}") res:write("no")`) +
      endpoint("POST", "/go", `return process.send("busy", "go") == true`) +
      endpoint("GET", "/plain", `return "plain"`),
  );
});
afterAll(async () => await app[Symbol.asyncDispose]());

interface Client extends AsyncDisposable {
  readonly socket: WebSocket;
  /** The next message: JSON, or bytes. */
  next(): Promise<unknown>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

const parsed = (message: string): unknown => JSON.parse(message);

async function open(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Client> {
  const socket = new WebSocket(`${app.url.replace("http", "ws")}${path}`, { headers });
  const messages: unknown[] = [];
  let wake = (): void => undefined;
  socket.on("message", (data: Buffer, isBinary) => {
    messages.push(isBinary ? data : data.toString());
    wake();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  return {
    socket,
    closed,
    async next() {
      while (messages.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      const message = messages.shift();
      return typeof message === "string" && message.startsWith("{") ? parsed(message) : message;
    },
    async [Symbol.asyncDispose]() {
      socket.close();
      await closed;
    },
  };
}

/** Waits for a line of the log. */
async function line(pattern: RegExp, from = 0): Promise<string> {
  for (;;) {
    const found = app.lines.slice(from).find((each) => pattern.test(each));
    if (found !== undefined) return found;
    await sleep(2);
  }
}

test("a client is joined to its process, which hears what it says and answers it", async () => {
  const from = app.lines.length;
  {
    await using client = await open("/ws?user=ann");
    expect(await client.next()).toEqual({ topic: "welcome", data: { metadata: { user: "ann" } } });
    client.socket.send("hello");
    expect(await client.next()).toEqual({ topic: "echo", data: { topic: "ws.message", data: "hello" } });
    client.socket.send(Buffer.from([1, 2, 3]));
    expect(await client.next()).toEqual({ topic: "echo", data: { topic: "ws.message", data: "\u0001\u0002\u0003" } });
    client.socket.send("raw");
    expect(await client.next()).toBe("as it is");
    client.socket.send("bytes");
    expect(await client.next()).toEqual(Buffer.from([1, 2, 255]));
    client.socket.close(4321, "tired");
  }
  expect(await line(/"topic":"ws.leave"/, from)).toMatch(/tired.*4321|4321.*tired/);
});

test("the connection ends when the process does, or says so, or when it is over", async () => {
  for (const [path, said, ending] of [
    ["/ws", "end", { code: 1000, reason: "the process has ended" }],
    ["/ws", "fail", { code: 1011, reason: "the process has ended" }],
    ["/ws", "close", { code: 4001, reason: "enough" }],
    ["/ws", "bye", { code: 1000, reason: "bye" }],
    ["/brief", "", { code: 1000, reason: "its time is over" }],
  ] as const) {
    await using client = await open(path);
    if (said !== "") client.socket.send(said);
    expect(await client.closed).toEqual(ending);
  }
});

test("a connection can be given to another process, which hears of it, and so does the first", async () => {
  const from = app.lines.length;
  await using client = await open("/ws?user=bob");
  expect(await client.next()).toMatchObject({ topic: "welcome" });
  client.socket.send("give");
  expect(await client.next()).toEqual({ topic: "welcome", data: { metadata: { moved: true } } });
  client.socket.send("hello");
  expect(await client.next()).toEqual({ topic: "echo", data: { topic: "other", data: "hello" } });
  expect(await line(/"topic":"ws.leave".*another process/, from)).toContain("heard");
});

test("heartbeats tell the process that its client is there", async () => {
  const from = app.lines.length;
  await using client = await open("/beat");
  await client.next();
  expect(await line(/"topic":"ws.heartbeat"/, from)).toMatch(/message_count.*0/);
});

test("a message that is too long ends its connection, others go on", async () => {
  await using other = await open("/ws");
  await using client = await open("/ws");
  client.socket.send("x".repeat(5001));
  expect(await client.closed).toMatchObject({ code: 1009 });
  await other.next();
  other.socket.send("x".repeat(5000));
  expect(await other.next()).toMatchObject({ data: { data: "x".repeat(5000) } });
});

async function refused(path: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const asked = open(path, headers);
  return await asked.then(
    () => "opened",
    (error: unknown) => String(error),
  );
}

test("requests that are refused are answered as HTTP, whatever they asked for", async () => {
  expect(await refused("/missing")).toContain("404");
  expect(await refused("/refuse")).toContain("403");
  expect(await refused("/nobody")).toContain("503");
  expect(await refused("/nonsense")).toContain("500");
  expect(await refused("/plain")).toContain("200");
  expect(app.lines.join("\n")).toMatch(/process not found: \{api:host\|0\.99999\}/);
  expect((await app.fetch("/ws")).status).toBe(426);
  expect(await (await app.fetch("/plain")).json()).toBe("plain");
});

test("pages of other origins may not connect, unless they are named", async () => {
  expect(await refused("/ws", { origin: "https://evil.example" })).toContain("403");
  const own = await open("/ws", { origin: app.url });
  await own[Symbol.asyncDispose]();
});

test("a handshake that is none is refused, and its process hears of no client", async () => {
  const socket = connect(app.port, "127.0.0.1");
  socket.write("GET /ws?user=stranger HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  expect(await text(socket)).toMatch(/^HTTP\/1.1 400 /);
  expect(app.lines.join("\n")).not.toContain("stranger");
});

test.each([
  ["a body", "Connection: Upgrade, close\r\nUpgrade: websocket\r\nContent-Length: 3", "abc"],
  ["chunks", "Connection: Upgrade, close\r\nUpgrade: websocket\r\nTransfer-Encoding: chunked", "0\r\n\r\n"],
  ["half of the words", "Connection: close\r\nUpgrade: websocket", ""],
  ["another protocol", "Connection: Upgrade, close\r\nUpgrade: other", ""],
])("a request with %s is no handshake", async (_what, headers, body) => {
  const key = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==";
  const socket = connect(app.port, "127.0.0.1");
  socket.write(`GET /ws HTTP/1.1\r\nHost: x\r\n${key}\r\n${headers}\r\n\r\n${body}`);
  expect(await text(socket)).toMatch(/^HTTP\/1.1 426 [^]*upgrade: websocket/);
});

test("a client that vanishes leaves its process", async () => {
  const from = app.lines.length;
  const client = await open("/ws");
  await client.next();
  client.socket.terminate();
  expect(await line(/"topic":"ws.leave"/, from)).toContain("1006");
});

test("an upgrade to something else is a request like any other", async () => {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  request(`${app.url}/plain`, { headers: { connection: "upgrade", upgrade: "h2c" } }, (response) => {
    response.resume();
    resolve(response.statusCode);
  })
    .on("error", reject)
    .end();
  expect(await promise).toBe(200);
});

test("a client that says more than its process reads waits, and nothing is lost", async () => {
  await using client = await open("/busy");
  for (let index = 0; index < 5_000; index += 1) client.socket.send("x".repeat(5_000));
  await sleep(300);
  // Of 25 MB most is still the client's; without an end to it all would have come.
  expect(client.socket.bufferedAmount).toBeGreaterThan(8_000_000);
  const told = async (): Promise<boolean> => {
    const answer: unknown = await (await app.fetch("/go", { method: "POST" })).json();
    return answer === true;
  };
  while (!(await told())) await sleep(5);
  expect(await line(/"count":5000/)).toContain("read");
});

test("a client that asks again and again and reads no answer is cut off", async () => {
  const from = app.lines.length;
  const client = await open("/ws?user=flood");
  await client.next();
  client.socket.pause();
  const left = line(/"topic":"ws.leave"[^]*flood/, from);
  const isLeft = (): boolean => app.lines.slice(from).some((each) => /"topic":"ws.leave"[^]*flood/.test(each));
  const payload = "x".repeat(125);
  while (!isLeft()) {
    if (client.socket.bufferedAmount < 1_000_000) {
      for (let index = 0; index < 1_000; index += 1) client.socket.ping(payload, true, () => undefined);
    }
    await sleep(1);
  }
  expect(await left).toContain("1006");
  client.socket.terminate();
});
