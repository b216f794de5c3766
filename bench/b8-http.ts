import { createHash } from "node:crypto";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { addWat, temporaryApp } from "./apps.ts";
import { client, fire, type LoadResult } from "./load.ts";
import { isSmoke, median, printRows, scaled } from "./harness.ts";

/** Connections that each have a request under way all the time. */
const loads = [1, 32, 256];
const rounds = 3;
const seconds = 3;

/** Gives back what it was given, by the convention of plain plugins. */
const echoWat = `(module (memory (export "memory") 2)
  (func (export "allocate") (param i32) (result i32) (i32.const 1024))
  (func (export "greet") (param i32 i32) (result i64)
    (i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))))`;

/** A component that exports wasi:http/incoming-handler. */
const guest = fileURLToPath(new URL("../test/guests/rust/web/web.wasm", import.meta.url));

const endpointApp = `
version: "1.0"
namespace: b
entries:
  - name: server
    kind: http.service
    addr: "127.0.0.1:0"
    lifecycle: { auto_start: true }
  - name: router
    kind: http.router
    meta: { server: server }
    prefix: /
  - name: sum
    kind: http.endpoint
    meta: { router: router }
    method: POST
    path: /sum
    func: add
  - name: typed
    kind: http.endpoint
    meta: { router: router }
    method: POST
    path: /typed
    func: add_typed
  - name: add_typed
    kind: function.wat
    source: '${addWat}'
    wit: "add: func(a: s32, b: s32) -> s32;"
    method: add
    transport: wasi-http
  - name: count
    kind: http.endpoint
    meta: { router: router }
    method: POST
    path: /web/count
    func: web
  - name: here
    kind: fs.directory
    directory: .
  - name: web
    kind: function.wasm
    fs: here
    path: web.wasm
    hash: sha256:${createHash("sha256").update(readFileSync(guest)).digest("hex")}
  - name: add
    kind: function.lua
    modules: [http]
    source: |
      local http = require("http")
      return function()
        local pair = http.request():body_json()
        http.response():write_json(pair[1] + pair[2])
      end
`;

/** A server in a process of its own. */
interface Served extends AsyncDisposable {
  readonly url: string;
}

interface Contender {
  readonly name: string;
  readonly url: string;
  readonly body: string;
  /** What it must answer. */
  readonly answer: string;
}

/** B8: POST through the HTTP door, beside node:http answering the same bytes. */
export async function bench(): Promise<void> {
  using folder = temporaryApp("version: '1.0'\nnamespace: b\nentries: []\n");
  folder.write("math.wat", Buffer.from(addWat));
  folder.write("echo.wat", Buffer.from(echoWat));
  copyFileSync(guest, join(folder.directory, "web.wasm"));
  using app = temporaryApp(endpointApp);
  copyFileSync(guest, join(app.directory, "web.wasm"));
  using keptApp = temporaryApp(
    endpointApp.replace("    path: web.wasm", `$&\n    pool: { type: static, size: 256, state: kept }`),
  );
  copyFileSync(guest, join(keptApp.directory, "web.wasm"));
  const launcher = fileURLToPath(new URL("../src/cli/weft.js", import.meta.url));
  const quiet = ["--log-level", "info", "--log-format", "json"];
  await using base = await start([fileURLToPath(new URL("http-baseline.js", import.meta.url))]);
  await using folderServer = await start([
    launcher,
    "serve",
    folder.directory,
    "--address",
    "127.0.0.1:0",
    "--log-level",
    "warn",
  ]);
  await using appServer = await start([launcher, "run", "--app", app.directory, ...quiet]);
  await using keptServer = await start([launcher, "run", "--app", keptApp.directory, ...quiet]);
  const sum = { body: "[20, 22]", answer: "42" };
  const echo = { body: "hello, world", answer: "hello, world" };
  const count = { body: "hello, world", answer: "12" };
  const groups: readonly (readonly Contender[])[] = [
    [
      { name: "node:http, JSON", url: `${base.url}/sum`, ...sum },
      { name: "Lua endpoint, JSON", url: `${appServer.url}/sum`, ...sum },
      { name: "wasi-http function, JSON", url: `${appServer.url}/typed`, ...sum },
      { name: "weft serve, /call, JSON", url: `${folderServer.url}/call/math/add`, ...sum },
    ],
    [
      { name: "node:http, text", url: `${base.url}/echo`, ...echo },
      { name: "weft serve, /execute, text", url: `${folderServer.url}/execute/echo.wat`, ...echo },
    ],
    [
      { name: "node:http, the body's length", url: `${base.url}/count`, ...count },
      { name: "incoming-handler component", url: `${appServer.url}/web/count`, ...count },
      { name: "incoming-handler component, instances kept", url: `${keptServer.url}/web/count`, ...count },
      { name: "weft serve, /handle", url: `${folderServer.url}/handle/web.wasm/web/count`, ...count },
    ],
  ];
  const wanted = groups.flat();
  for (const contender of wanted) await check(contender);
  for (const connections of isSmoke() ? [1] : loads) await compareAt(connections, groups);
}

async function compareAt(connections: number, groups: readonly (readonly Contender[])[]): Promise<void> {
  const wanted = groups.flat();
  const results = new Map(wanted.map(({ name }) => [name, new Array<LoadResult>()]));
  for (let round = -scaled(1, 0); round < scaled(rounds); round += 1) {
    for (const contender of wanted) {
      const result = await load(contender, connections);
      if (round >= 0) results.get(contender.name)?.push(result);
    }
  }
  const middle = (name: string, read: (result: LoadResult) => number): number =>
    median((results.get(name) ?? []).map(read));
  const rows = groups.flatMap((group) => {
    const first = middle(group[0]?.name ?? "", ({ requests }) => requests.average);
    return group.map(({ name }) => {
      const rate = middle(name, ({ requests }) => requests.average);
      const ms = (read: (latency: LoadResult["latency"]) => number): string =>
        middle(name, ({ latency }) => read(latency)).toFixed(2);
      const errors = (results.get(name) ?? []).reduce(
        (all, each) => all + each.errors + each.timeouts + each.non2xx,
        0,
      );
      const ratio = `${Math.round(rate).toLocaleString("en")} (${(rate / first).toFixed(2)})`;
      return [name, ratio, ms(({ p50 }) => p50), ms(({ p99 }) => p99), ms((all) => all.p99_9), String(errors)];
    });
  });
  const columns = ["req/s (of node:http)", "p50 ms", "p99 ms", "p99.9 ms", "errors"];
  printRows(`B8: POST by HTTP, ${connections} connections, ${client}`, columns, rows);
}

async function load({ url, body }: Contender, connections: number): Promise<LoadResult> {
  const length = isSmoke() ? { amount: 5 } : { duration: seconds };
  return await fire({
    url,
    method: "POST",
    body,
    headers: { "content-type": "application/json" },
    connections,
    ...length,
  });
}

async function check({ name, url, body, answer }: Contender): Promise<void> {
  const response = await fetch(url, { method: "POST", body });
  const text = await response.text();
  if (text !== answer) throw new Error(`${name} answers ${response.status} ${text} in place of ${answer}`);
}

/** Starts a server that tells its address. */
async function start(args: readonly string[]): Promise<Served> {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  return {
    url: await addressOf(child),
    async [Symbol.asyncDispose]() {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

async function addressOf(child: ChildProcess): Promise<string> {
  let said = "";
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const hear = (piece: Buffer): void => {
    said += piece.toString();
    const [, url] = /(http:\/\/127\.0\.0\.1:\d+)\b/.exec(said) ?? [];
    if (url !== undefined) resolve(url);
  };
  child.stdout?.on("data", hear);
  child.stderr?.on("data", hear);
  child.once("exit", () => reject(new Error(`the server ended: ${said}`)));
  return await promise;
}
