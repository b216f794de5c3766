import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { silentLog } from "../../../../src/core/log.ts";
import { createRuntime, type Log, type Runtime } from "../../../../src/index.ts";
import { serve, type TestServer } from "./support/guest.ts";

const guests = new URL("../../../guests/rust/fetcher/", import.meta.url);
const wasm = readFileSync(new URL("fetcher.wasm", guests));

describe.each(["direct", "jco"])("a Rust guest on the engine %s, called through the dispatcher", (engine) => {
  const app = mkdtempSync(join(tmpdir(), "weft-fetcher-"));
  const waiting: ServerResponse[] = [];
  const lines: unknown[] = [];
  const connections = new Set<Socket>();
  let runtime: Runtime;
  let upstream: TestServer;

  beforeAll(async () => {
    writeFileSync(join(app, "fetcher.wasm"), wasm);
    writeFileSync(join(app, "weft.yaml"), "src: .\n");
    const hash = `sha256:${createHash("sha256").update(wasm).digest("hex")}`;
    const all = "[wasi:http, wasi:io, wasi:poll, wasi:logging]";
    const fetcher = (name: string, imports = all) =>
      `{ name: ${name}, kind: function.wasm, fs: files, path: fetcher.wasm, hash: "${hash}", method: ${name.replace(/-\d$/, "")}, engine: ${engine}, imports: ${imports} }`;
    const entries = [
      "{ name: files, kind: fs.directory, directory: . }",
      ...["get", "post", "impatient", "say"].map((name) => fetcher(name)),
      fetcher("get-2", "[wasi:io, wasi:poll]"),
    ];
    writeFileSync(
      join(app, "_index.yaml"),
      `namespace: t\nentries:\n${entries.map((each) => `  - ${each}\n`).join("")}`,
    );
    const log: Log = { ...silentLog, warn: (message, fields) => void lines.push([message, fields]) };
    runtime = await createRuntime({ app, isolates: 1, log });
    upstream = await serve((request, response) => {
      if (request.url === "/slow") {
        waiting.push(response);
        return;
      }
      response.setHeader("X-Answer", `to ${String(request.headers["x-guest"])}`);
      if (request.method === "GET") {
        response.end(`hello ${request.url}`);
        return;
      }
      response.setHeader("Trailer", "X-Echo");
      request.on("error", () => {});
      request.on("data", (chunk) => {
        if (!response.write(chunk)) {
          request.pause();
          response.once("drain", () => request.resume());
        }
      });
      request.on("end", () => {
        response.addTrailers([["X-Echo", request.trailers["x-count"] ?? "none"]]);
        response.end();
      });
    });
  });

  beforeAll(() => {
    upstream.server.on("connection", (socket) => {
      connections.add(socket);
      socket.on("close", () => connections.delete(socket));
    });
  });

  afterAll(async () => {
    await runtime[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
    await rm(app, { recursive: true, force: true });
  });

  test("is there without problems", () => expect(runtime.diagnostics).toEqual([]));

  test("gets a page", async () => {
    const result = await runtime.call("t:get", upstream.authority, "/page?a=b");
    expect(result).toEqual({ ok: [200, "hello /page?a=b", "to rust"] });
  });

  test("posts a body by pieces, reads what comes back, and the trailers of both", async () => {
    expect(await runtime.call("t:post", upstream.authority, "/echo", 3, 1000)).toEqual({ ok: [200, 3000, "3"] });
  });

  test("waits while both directions are full, and loses its connection when its time is over", async () => {
    // The server echoes and this guest reads only afterwards, so that nothing moves any more.
    const call = runtime.callWith("t:post", [upstream.authority, "/echo", 1000, 60_000], { timeoutMs: 300 });
    await vi.waitUntil(() => connections.size === 1);
    await expect(call).rejects.toMatchObject({ code: "CALL_TIMEOUT" });
    await vi.waitUntil(() => connections.size === 0);
  });

  test("hears of failures by their codes", async () => {
    expect(await runtime.call("t:get", "127.0.0.1:1", "/")).toMatchObject({
      err: expect.stringMatching(/ConnectionRefused/),
    });
    expect(await runtime.call("t:get", "no host", "/")).toEqual({ err: "authority" });
    expect(await runtime.call("t:impatient", await silentServer(), 30)).toMatch(/ConnectionReadTimeout/);
    await expect(runtime.call("t:get-2", upstream.authority, "/")).rejects.toMatchObject({ code: "IMPORT_DENIED" });
  });

  test("writes to the log", async () => {
    expect(await runtime.call("t:say", 3, "fetcher", "careful")).toBeNull();
    await vi.waitUntil(() => lines.length > 0);
    expect(lines).toEqual([["careful", expect.objectContaining({ id: "t:say", logger: "fetcher" })]]);
  });

  test("waits with fifty others for a slow server, all on one isolate", async () => {
    const calls = Array.from({ length: 50 }, () => runtime.call("t:get", upstream.authority, "/slow"));
    await vi.waitUntil(() => waiting.length === 50, { timeout: 10_000 });
    // A neighbour is not held up meanwhile.
    expect(await runtime.call("t:get", upstream.authority, "/")).toMatchObject({ ok: [200, "hello /", "to rust"] });
    for (const response of waiting.splice(0)) response.end("late");
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 50 }, () => ({ ok: [200, "late", null] })));
  });

  async function silentServer(): Promise<string> {
    const server = await serve(() => {});
    silent.push(server);
    return server.authority;
  }
  const silent: TestServer[] = [];
  afterAll(async () => {
    for (const server of silent) await server[Symbol.asyncDispose]();
  });
});
