import { writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { indexOf, router, serveApp, type ServedApp } from "./support/app.ts";

const lua = (name: string, body: string, more = ""): string =>
  `  - { name: ${name}, kind: function.lua, modules: [http, time, store], ${more} source: "local http = require('http') return function() local req, res = http.request(), http.response() ${body} end" }\n`;

const endpoint = (
  name: string,
  method: string,
  { path, func, on = "router" }: Record<"path" | "func", string> & { on?: string },
): string =>
  `  - { name: ${name}, kind: http.endpoint, meta: { router: ${on} }, method: ${method}, path: "${path}", func: ${func} }\n`;

async function reload(app: ServedApp, entries: string): Promise<void> {
  writeFileSync(join(app.folder, "registry/_index.yaml"), indexOf(entries));
  await app.runtime.registry.reload();
}

/** Sends a request, its body in two parts, and gives status and text. */
function send(app: ServedApp, method: string, path: string, { body = "", agent, between }: Sent = {}): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const headers = body === "" ? {} : { "content-length": body.length };
  const sent = request({ host: "127.0.0.1", port: app.port, method, path, headers, agent }, (response) => {
    let text = "";
    response.setEncoding("utf8");
    response.on("data", (part: string) => (text += part));
    response.on("end", () => resolve(`${response.statusCode} ${text}`));
    response.on("error", reject);
  });
  sent.on("error", reject);
  if (body === "") sent.end();
  else {
    sent.write(body.slice(0, 1));
    (between?.() ?? sleep(1)).then(() => sent.end(body.slice(1)), reject);
  }
  return promise;
}

interface Sent {
  readonly body?: string;
  readonly agent?: Agent;
  /** What happens between the two parts. */
  readonly between?: () => Promise<unknown>;
}

test("a request whose body is on its way gets the function that its endpoint has when all of it is there", async () => {
  const app_ = (n: number): string =>
    router() +
    endpoint("echo", "POST", { path: "/echo", func: `echo${n}` }) +
    lua(`echo${n}`, `return req:body() .. ${n}`);
  await using app = await serveApp(app_(1));
  const between = async (): Promise<void> => {
    await app.fetch("/other");
    await reload(app, app_(2));
  };
  expect(await send(app, "POST", "/echo", { body: "hello", between })).toBe('200 "hello2"');
});

test("a request that waits for a slot goes to the function that its endpoint has when the old one is removed", async () => {
  const gated = (n: number): string =>
    router() +
    "  - { name: gate, kind: store.memory }\n" +
    lua("open", "require('store').get('api:gate'):set('open', true) return true") +
    endpoint("at", "GET", { path: "/at", func: `f${n}` }) +
    lua(
      `f${n}`,
      `local gate = require('store').get('api:gate') while not gate:has('open') do require('time').sleep('2ms') end return ${n}`,
      "pool: { type: lazy, max_size: 1 },",
    );
  await using app = await serveApp(gated(1));
  const first = send(app, "GET", "/at");
  while (app.runtime.loads.every((load) => load === 0)) await sleep(1);
  const second = send(app, "GET", "/at");
  // Asked later, answered later: the other one waits by then.
  await app.fetch("/other");
  await reload(app, gated(2));
  await app.runtime.call("api:open");
  expect(await first).toBe("200 1");
  expect(await second).toBe("200 2");
});

/** Routes of which some come and go and all change, with every `n`. */
const changing = (n: number): string =>
  [
    `  - { name: files, kind: fs.directory, directory: public${n % 2} }\n`,
    `  - { name: kept, kind: store.memory, max_size: ${100 + n} }\n`,
    `  - { name: router, kind: http.router, meta: { server: server }, prefix: /r, middleware: [${["cors", "request_id, cors", "real_ip", "compress"][n % 4]}], post_middleware: [${n % 3 === 0 ? "" : "metrics"}] }\n`,
    `  - { name: limited, kind: http.router, meta: { server: server }, prefix: /m, middleware: [ratelimit], options: { ratelimit.requests: "${1_000_000 + n}" } }\n`,
    n % 2 === 0 ? "" : `  - { name: other, kind: http.router, meta: { server: server }, prefix: /other }\n`,
    n % 2 === 0
      ? ""
      : endpoint("guest", "GET", { path: "/x", func: "guest_f", on: "other" }) + lua("guest_f", "return 1"),
    endpoint("echo", "POST", { path: "/echo", func: `echo${n % 2}` }) +
      lua(`echo${n % 2}`, `res:write(req:body()) --[[${n}]]`),
    endpoint("part", "GET", { path: "/part/{id}", func: `part${n}` }),
    lua(`part${n}`, "return req:param('id')", n % 3 === 0 ? "" : "pool: { type: lazy, max_size: 1 },"),
    endpoint("moving", "GET", { path: "/moving", func: "moving_f", on: n % 2 === 0 ? "limited" : "second" }),
    `  - { name: second, kind: http.router, meta: { server: server }, prefix: /${n % 2 === 0 ? "second" : "m2"} }\n`,
    lua("moving_f", `require('time').sleep('1ms') return ${n}`),
    endpoint("counted", "GET", { path: "/counted", func: "counted_f", on: "limited" }),
    lua("counted_f", `local s = require('store').get('api:kept') s:set('k', 1) return s:get('k') + ${n} - ${n}`),
    endpoint("typed", "GET", { path: "/typed", func: `typed${n % 2}`, on: "limited" }),
    `  - { name: typed${n % 2}, kind: function.wat, source: "(module (func (export \\"f\\") (result i32) (i32.const 7)))", wit: "f: func() -> s32;", method: f, transport: wasi-http, pool: { type: ${n % 2 === 0 ? "lazy, max_size: 2" : "static, size: 1"} } }\n`,
    "  - { name: static, kind: http.static, meta: { server: server }, path: /s, fs: files }\n",
  ].join("");

test("while routes, middleware and functions change under load, no request fails whose route stays", async () => {
  const files = { "public0/x.txt": "x", "public1/x.txt": "x" };
  await using app = await serveApp(changing(1), { files, isolates: 2 });
  const { port } = app;
  const agent = new Agent({ keepAlive: true, maxSockets: 24 });
  const wanted = [
    { method: "POST", path: "/r/echo", body: "a body", text: "a body" },
    { method: "GET", path: "/r/part/7", body: "", text: '"7"' },
    { method: "GET", path: "/m/counted", body: "", text: "1" },
    { method: "GET", path: "/m/typed", body: "", text: "7" },
    { method: "GET", path: "/s/x.txt", body: "", text: "x" },
    { method: "HEAD", path: "/m/counted", body: "", text: "" },
  ];
  const failures: string[] = [];
  const counts = wanted.map(() => 0);
  const load = { stopped: false };
  const callers = wanted.flatMap(({ method, path, body, text }, which) =>
    Array.from({ length: 3 }, async () => {
      while (!load.stopped) {
        const got = await send(app, method, path, { body, agent }).catch(String);
        if (got !== `200 ${text}`) failures.push(`${method} ${path}: ${got}`);
        counts[which] = (counts[which] ?? 0) + 1;
      }
    }),
  );
  for (let n = 2; n < 40 || Math.min(...counts) < 40; n += 1) await reload(app, changing(n));
  load.stopped = true;
  await Promise.all(callers);
  agent.destroy();
  expect(failures).toEqual([]);
  expect(app.port).toBe(port);
});
