import { createHash } from "node:crypto";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { Runtime } from "../../../../src/index.ts";
import { ada, lua, policy, running, scope } from "./support/app.ts";

/** One row of the table of checks: what a guest does, and what it must be allowed to. */
interface Row {
  readonly action: string;
  readonly resource: string;
  readonly call: string;
  readonly args?: readonly unknown[];
  /** The guest is told what its own interface has for a refusal, and goes on. */
  readonly tells?: string;
}

const guests = new URL("../../../guests/", import.meta.url);
const wasi = ["cli", "clocks", "filesystem", "http", "io", "poll", "random", "sockets"].map((name) => `wasi:${name}`);

function component(name: string, path: string, method: string, more: Readonly<Record<string, unknown>> = {}): object {
  const hash = `sha256:${createHash("sha256")
    .update(readFileSync(fileURLToPath(new URL(path, guests))))
    .digest("hex")}`;
  const kind = "kind" in more ? {} : { kind: "function.wasm" };
  return { name, ...kind, fs: "guests", path, hash, method, ...more };
}

const files = { mounts: [{ fs: "t:guests", guest: "/data" }], env: [{ id: "t:name", name: "NAME" }] };
const port = "@PORT";
const code = "PERMISSION_DENIED";
const peer = (what: string, more: Partial<Row> = {}): Row => ({
  action: `process.${what}`,
  resource: "@PEER",
  call: "peer",
  args: [what, "@PEER", "topic"],
  tells: code,
  ...more,
});
const spawn = (what: string, action: string): Row =>
  peer(what, { action, resource: "t:idle", args: [what, "t:idle", "t:host"] });
const call = (name: string, args: readonly unknown[] = ["t:target", "x"]): Row => ({
  action: "funcs.call",
  resource: "t:target",
  call: name,
  args,
  tells: "not allowed",
});

const rows: Readonly<Record<string, Row>> = {
  "a mount of a preview-1 function": { action: "fs.get", resource: "t:guests", call: "reactor" },
  "a variable of a preview-1 function": { action: "env.get", resource: "t:name", call: "reactor" },
  "a mount of a preview-1 process": { action: "fs.get", resource: "t:guests", call: "run_hello", args: ["t:hello"] },
  "a variable of a preview-1 process": { action: "env.get", resource: "t:name", call: "run_hello", args: ["t:hello"] },
  "a mount of a wasi:cli process": { action: "fs.get", resource: "t:guests", call: "run_hello", args: ["t:hello2"] },
  "a variable of a wasi:cli process": { action: "env.get", resource: "t:name", call: "run_hello", args: ["t:hello2"] },
  "a mount of a component": { action: "fs.get", resource: "t:guests", call: "tour_files", args: ["/data/README.md"] },
  "a variable of a component": { action: "env.get", resource: "t:name", call: "tour_env", args: ["NAME"] },
  "a variable by its name": { action: "env.get", resource: "NAME", call: "tour_env", args: ["NAME"] },
  "a call by funcs.call-string": call("text"),
  "a call by funcs.call-bytes": call("bytes", ["t:target", new Uint8Array([65])]),
  "a call by funcs.call-json": call("json", ["t:target", "[]"]),
  "a call by wippy funcs.call-string": call("wippy_string"),
  "a call by wippy funcs.call-bytes": call("wippy_bytes", ["t:target", new Uint8Array([65])]),
  "a call by futures": call("call_all", [["t:target"], "[]"]),
  "a call through a linked import": { action: "funcs.call", resource: "t:log", call: "linked", args: ["x"] },
  "a call to a library's function": {
    action: "funcs.call",
    resource: "t:store",
    call: "library",
    args: [2n],
    tells: "not allowed",
  },
  "an HTTP request": {
    action: "http_client.request",
    resource: `http://127.0.0.1:${port}/x`,
    call: "fetch",
    args: [`127.0.0.1:${port}`, "/x"],
    tells: "HttpRequestDenied",
  },
  "an HTTP request to a private address": {
    action: "http_client.private_ip",
    resource: "127.0.0.1",
    call: "fetch",
    args: [`127.0.0.1:${port}`, "/x"],
    tells: "DestinationIpProhibited",
  },
  "a TCP connection": {
    action: "socket.connect",
    resource: `127.0.0.1:${port}`,
    call: "tcp",
    args: [`127.0.0.1:${port}`, "x"],
    tells: "PermissionDenied",
  },
  "a TCP connection to a private address": {
    action: "socket.private_ip",
    resource: "127.0.0.1",
    call: "tcp",
    args: [`127.0.0.1:${port}`, "x"],
    tells: "PermissionDenied",
  },
  "a TCP listener": { action: "socket.listen", resource: "127.0.0.1:*", call: "listen", tells: "PermissionDenied" },
  "a datagram": {
    action: "socket.connect",
    resource: `127.0.0.1:${port}`,
    call: "udp",
    args: [`127.0.0.1:${port}`, "x"],
    tells: "PermissionDenied",
  },
  "a name": { action: "socket.resolve", resource: "localhost", call: "names", args: ["localhost"], tells: "denied" },
  spawn: spawn("spawn", "process.spawn"),
  "spawn on a host": { ...spawn("spawn", "process.host"), resource: "t:host" },
  "spawn, monitored": spawn("spawn-monitored", "process.spawn.monitored"),
  "spawn, linked": spawn("spawn-linked", "process.spawn.linked"),
  send: peer("send"),
  monitor: peer("monitor"),
  unmonitor: peer("unmonitor"),
  link: peer("link"),
  unlink: peer("unlink"),
  cancel: peer("cancel"),
  terminate: peer("terminate"),
  register: peer("register", { action: "process.registry.register", resource: "mine", args: ["register", "mine", ""] }),
  unregister: peer("unregister", {
    action: "process.registry.unregister",
    resource: "mine",
    args: ["unregister", "mine", ""],
  }),
};

const caller = (name: string): object =>
  component(name === "all" ? "call_all" : name.replace("-", "_"), "rust/caller/caller.wasm", name, {
    imports: ["funcs", "wasi:poll"],
  });

/** The entries that the rows act on. */
const app = [
  policy("all", {}),
  { name: "host", kind: "process.host", lifecycle: { auto_start: true } },
  { name: "guests", kind: "fs.directory", directory: "guests" },
  { name: "vars", kind: "env.storage.memory" },
  { name: "name", kind: "env.variable", variable: "NAME", storage: "vars", default: "value" },
  lua("target", "return 'reached'"),
  { name: "idle", kind: "process.lua", source: "return function() process.events():receive() end" },
  lua("start", `return assert(process.spawn("t:idle", "t:host"))`),
  lua("run_hello", `return process.exec(..., "t:host")`),
  component("reactor", "c/reactor/reactor.wasm", "next", { wit: "next: func() -> s32", wasi: files }),
  component("hello", "c/hello/hello.wasm", "_start", { kind: "process.wasm", wasi: { ...files, args: ["hello"] } }),
  component("hello2", "c/hello/hello-component.wasm", "run", {
    kind: "process.wasm",
    imports: wasi,
    wasi: { ...files, args: ["hello"] },
  }),
  component("tour_files", "rust/wasi-tour/wasi-tour.wasm", "read-file", { imports: wasi, wasi: files }),
  component("tour_env", "rust/wasi-tour/wasi-tour.wasm", "get-env", { imports: wasi, wasi: files }),
  ...["text", "bytes", "json", "wippy-string", "wippy-bytes", "all"].map(caller),
  { name: "log", kind: "function.lua", source: "return function() return true end" },
  {
    name: "store",
    kind: "library.lua",
    source: `local function user(id) return { id = id, name = "lua", tags = {} } end
      return { get_user = user, save_user = function() return 1 end, find_users = function() return {} end,
        blob = function() return "" end, touch = function() end }`,
  },
  ...(["say", "name-of"] as const).map((method) =>
    component(method === "say" ? "linked" : "library", "rust/user-app/user-app.wasm", method, {
      imports: [method === "say" ? { function: "log", from: "log" } : { interface: "acme:users/store", from: "store" }],
    }),
  ),
  component("fetch", "rust/fetcher/fetcher.wasm", "get", { imports: [...wasi, "wasi:logging"] }),
  component("tcp", "rust/net/net.wasm", "tcp-ask", { imports: wasi }),
  component("listen", "rust/net/net.wasm", "tcp-leave-open", { imports: wasi }),
  component("udp", "rust/net/net.wasm", "udp-ask", { imports: wasi, limits: { max_execution_ms: 500 } }),
  component("names", "rust/net/net.wasm", "look-up", { imports: wasi }),
  component("peer", "rust/peer/peer.wasm", "act", { imports: ["process"] }),
];

/** The refusals that the audit hears of while something is done. */
async function audited(
  deed: () => Promise<unknown>,
): Promise<{ readonly outcome: unknown; readonly denials: unknown[] }> {
  const denials: unknown[] = [];
  const hear = (denial: unknown): void => void denials.push(denial);
  subscribe("weft:security:denied", hear);
  try {
    return { outcome: await deed().catch((error: unknown) => error), denials };
  } finally {
    unsubscribe("weft:security:denied", hear);
  }
}

describe("every row of the table of checks, from WebAssembly", () => {
  let runtime: Runtime & Disposable;
  let server: Server;
  let address = "";
  beforeAll(async () => {
    server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", (data) => {
        const isHttp = data.toString().startsWith("GET");
        socket.end(isHttp ? "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok" : data);
      });
    });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    address = String(z.object({ port: z.int() }).parse(server.address()).port);
    runtime = await running([
      ...app,
      ...Object.values(rows).map((row, index) =>
        policy(`no_${index}`, {
          actions: row.action,
          resources: row.resource === "@PEER" ? "{t:host|*" : row.resource.replace(port, address),
          effect: "deny",
        }),
      ),
    ]);
    expect(runtime.diagnostics).toEqual([]);
  }, 60_000);
  afterAll(async () => {
    server.close();
    await runtime[Symbol.asyncDispose]();
    runtime[Symbol.dispose]();
  });

  describe.each(Object.entries(rows))("%s", (name, row) => {
    const index = Object.keys(rows).indexOf(name);
    /** Does what the row says; the process that it is done to is one of its own. */
    async function act(...policies: string[]) {
      const pid = row.args?.includes("@PEER") === true ? z.string().parse(await runtime.call("t:start")) : "";
      const args = (row.args ?? []).map((given) =>
        typeof given === "string" ? given.replace("@PEER", pid).replace(port, address) : given,
      );
      const resource = row.resource.replace("@PEER", pid).replace(port, address);
      const deed = () => runtime.callWith(`t:${row.call}`, args, { actor: ada, scope: scope(...policies) });
      return { resource, ...(await audited(deed)) };
    }

    test("is granted by a policy that allows it", async () => {
      const { outcome, denials } = await act("all");
      expect(denials).toEqual([]);
      expect(outcome).not.toMatchObject({ code });
    });

    test("is denied by one that denies it, and the audit hears of it", async () => {
      const { outcome, denials, resource } = await act("all", `no_${index}`);
      const denial = { action: row.action, actor: "ada", policy: `t:no_${index}` };
      await expect.poll(() => denials).toContainEqual(expect.objectContaining(denial));
      if (row.tells === undefined) expect(outcome).toMatchObject({ code, details: { ...denial, resource } });
      else expect(JSON.stringify(outcome)).toContain(row.tells);
    });
  });
});
