import { readFileSync } from "node:fs";
import { createHash } from "node:crypto";
import http, { type IncomingMessage } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { router, serveApp, type ServedApp } from "./support/app.ts";

const folder = join(import.meta.dirname, "../../guests/rust/web");
const hash = createHash("sha256")
  .update(readFileSync(join(folder, "web.wasm")))
  .digest("hex");

const handler = (name: string, more: string): string => `
  - name: ${name}
    kind: function.wasm
    fs: guests
    path: web.wasm
    hash: sha256:${hash}
${more}`;

const route = (name: string, func: string, path: string): string =>
  ["GET", "POST", "PUT"]
    .map(
      (method) => `
  - name: ${name}_${method}
    kind: http.endpoint
    meta: { router: router }
    method: ${method}
    path: "${path}"
    func: ${func}
`,
    )
    .join("");

let app: ServedApp;
beforeAll(async () => {
  app = await serveApp(
    `${router()}
  - name: guests
    kind: fs.directory
    directory: ${folder}
${handler("web", `    imports: ["wasi:http", "wasi:clocks"]\n`)}
${handler("bounded", `    imports: ["wasi:clocks"]\n    limits: { max_execution_ms: 500, max_memory_pages: 400 }\n`)}
${route("web_route", "web", "/web/{rest...}")}
${route("spin_route", "bounded", "/web/spin")}${route("hungry_route", "bounded", "/web/hungry")}`,
    { isolates: 1 },
  );
});
afterAll(async () => await app[Symbol.asyncDispose]());

interface Answered {
  readonly status: number | undefined;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
  readonly trailers: NodeJS.Dict<string>;
}

/** Sends with node:http, which shows trailers. */
async function ask(path: string, write?: (request: http.ClientRequest) => void, method = "POST"): Promise<Answered> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = http.request(`${app.url}${path}`, { method, agent: false }, resolve).on("error", reject);
  if (write === undefined) request.end();
  else write(request);
  const response = await promise;
  const parts: Buffer[] = [];
  for await (const part of response) if (part instanceof Buffer) parts.push(part);
  const { statusCode, headers, trailers } = response;
  return { status: statusCode, headers, body: Buffer.concat(parts).toString(), trailers };
}

describe("a component that exports wasi:http/incoming-handler", () => {
  test("answers without being told a method", async () => {
    const response = await app.fetch("/web/hello");
    expect([response.status, response.headers.get("x-guest"), await response.text()]).toEqual([
      200,
      "rust",
      "hello from Rust\n",
    ]);
  });

  test("sees method, path as it came, authority and headers", async () => {
    const response = await app.fetch("/web/head?a=%20b", { method: "PUT", headers: { "x-own": "yes" } });
    const text = await response.text();
    const [method, path, scheme, authority, ...headers] = text.split("\n");
    expect([method, path, authority]).toEqual(["Method::Put", "/web/head?a=%20b", `127.0.0.1:${app.port}`]);
    expect(scheme).toMatch(/Http\)$/);
    expect(headers).toContain("x-own: yes");
  });

  test("gives its own status", async () => {
    expect((await app.fetch("/web/status?418")).status).toBe(418);
    expect((await app.fetch("/web/elsewhere")).status).toBe(404);
  });

  test("streams both ways, with trailers both ways", async () => {
    const part = "x".repeat(50_000);
    const answer = await ask("/web/echo", (request) => {
      request.setHeader("Trailer", "x-sent");
      for (let times = 0; times < 8; times++) request.write(part);
      request.addTrailers({ "x-sent": "eight" });
      request.end();
    });
    expect([answer.status, answer.body.length]).toEqual([200, 400_000]);
    expect(answer.trailers).toEqual({ "x-echoed": "all", "x-sent": "eight" });
  });

  test("reads a body that came with its length, small or large", async () => {
    for (const length of [0, 5, 300_000]) {
      const response = await app.fetch("/web/count", { method: "POST", body: "y".repeat(length) });
      expect(await response.text()).toBe(String(length));
    }
  });

  test("sends parts as they are written, before it ends", async () => {
    const response = await app.fetch("/web/parts?30");
    const parts: string[] = [];
    for await (const part of response.body ?? []) parts.push(Buffer.from(part).toString());
    expect(parts.join("")).toBe("one two three");
    expect(parts.length).toBeGreaterThan(1);
  });

  test("is held back by a client that reads slowly, and loses nothing", async () => {
    const response = await app.fetch("/web/flood?3");
    expect((await response.arrayBuffer()).byteLength).toBe(3 << 20);
  });

  test("asks another server while it answers", async () => {
    const server = http.createServer((_request, response) => response.end("good day")).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const response = await app.fetch(`/web/ask?127.0.0.1:${port}`);
    expect(await response.text()).toBe("it says: good day");
    server.close();
    server.closeAllConnections();
  });

  test("waits on an instance of its own for each request, all on one thread", async () => {
    const waiting = Array.from({ length: 8 }, () => app.fetch("/web/sleep?200"));
    expect(await (await app.fetch("/web/hello")).text()).toBe("hello from Rust\n");
    expect(await Promise.all(waiting.map(async (each) => await (await each).text()))).toEqual(
      Array.from({ length: 8 }, () => "slept\n"),
    );
  });
});

describe("what goes wrong in a handler", () => {
  test.each([
    ["nothing", 500, "internal-error"],
    ["never", 500, "internal-error"],
    ["too-large", 413, "HTTP-request-body-size"],
    ["denied", 403, "HTTP-request-denied"],
    ["slow-upstream", 504, "connection-read-timeout"],
    ["ask?127.0.0.1:1", 502, "connection-refused"],
  ])("%s is answered with %i", async (path, status, code) => {
    const response = await app.fetch(`/web/${path}`);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect([response.status, await response.json()]).toMatchObject([status, { status, code }]);
  });

  test("a trap before anything was sent is a 500, and the next request is served", async () => {
    expect((await app.fetch("/web/trap")).status).toBe(500);
    expect((await app.fetch("/web/hello")).status).toBe(200);
  });

  test.each(["twice", "after-error"])("a response set %s is a trap, and the next request is served", async (path) => {
    const answered = await ask(`/web/${path}`, undefined, "GET").catch(() => undefined);
    // What was set first may have begun; then its connection breaks off.
    expect(answered?.status ?? 500).toBe(500);
    expect((await app.fetch("/web/hello")).status).toBe(200);
  });

  test("no header brings another one with it, and no response has a status that is none", async () => {
    expect(await (await app.fetch("/web/headers")).text()).toBe(
      "invalid invalid invalid invalid invalid invalid invalid forbidden",
    );
    expect(await (await app.fetch("/web/statuses")).text()).toBe(
      "0:false 99:false 100:false 101:false 199:false 200:true 418:true 599:true 600:false 999:false 1000:false 65535:false",
    );
    expect((await app.fetch("/web/status?999")).status).toBe(500);
  });

  test("a response is whole when its body is, however long the guest goes on", async () => {
    const response = await app.fetch("/web/late?50");
    expect([response.status, await response.text()]).toEqual([200, ""]);
  });

  test("a response that breaks off does not end as if it were whole", async () => {
    await expect(ask("/web/trap-late")).rejects.toThrow();
    const unfinished = await ask("/web/unfinished").catch(() => undefined);
    expect(unfinished?.status ?? 500).toBe(500);
  });

  test("a guest that runs too long is a 504, one that takes too much memory a 503", async () => {
    expect((await app.fetch("/web/spin")).status).toBe(504);
    expect((await app.fetch("/web/hungry")).status).toBe(503);
    expect((await app.fetch("/web/hello")).status).toBe(200);
  });

  test("a client that goes away ends its call, and what the guest was asking for", async () => {
    const asked = Promise.withResolvers<IncomingMessage>();
    const server = http.createServer((request) => asked.resolve(request)).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const request = http.get(`${app.url}/web/ask?127.0.0.1:${port}`, { agent: false }).on("error", () => undefined);
    const { socket } = await asked.promise;
    const ended = new Promise((resolve) => socket.once("close", resolve));
    request.destroy();
    await ended;
    server.close();
    expect((await app.fetch("/web/hello")).status).toBe(200);
  });

  test("a plain call says what it is", async () => {
    await expect(app.runtime.call("api:web")).rejects.toThrow();
  });
});
