import { readFileSync } from "node:fs";
import { createHash } from "node:crypto";
import http from "node:http";
import { basename, dirname } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { jsWebGuest } from "../../guests/js/web-build.ts";
import { router, serveApp, type ServedApp } from "./support/app.ts";

let app: ServedApp;
beforeAll(async () => {
  const path = await jsWebGuest();
  const hash = createHash("sha256").update(readFileSync(path)).digest("hex");
  const route = (method: string): string => `
  - name: route_${method}
    kind: http.endpoint
    meta: { router: router }
    method: ${method}
    path: "/js/{rest...}"
    func: hono
`;
  app = await serveApp(`${router()}
  - name: guests
    kind: fs.directory
    directory: ${dirname(path)}
  - name: hono
    kind: function.wasm
    fs: guests
    path: ${basename(path)}
    hash: sha256:${hash}
    imports: ["wasi:http", "wasi:clocks", "wasi:cli", "wasi:filesystem", "wasi:random"]
${route("GET")}${route("POST")}`);
}, 110_000);
afterAll(async () => await app[Symbol.asyncDispose]());

test("a hono application answers by its routes", async () => {
  const response = await app.fetch("/js/hello/Ada?q=1");
  expect([response.status, await response.json()]).toEqual([200, { hello: "Ada", query: "1" }]);
  expect((await app.fetch("/js/nowhere")).status).toBe(404);
  expect((await app.fetch("/js/fail")).status).toBe(500);
});

test("it reads a body and sets status and headers", async () => {
  const response = await app.fetch("/js/upper", { method: "POST", body: "quiet" });
  expect([response.status, response.headers.get("x-guest"), await response.text()]).toEqual([201, "hono", "QUIET"]);
});

test("it streams a response", async () => {
  expect(await (await app.fetch("/js/stream")).text()).toBe("part 1\npart 2\npart 3\n");
});

test("its fetch asks a server through our wasi:http", async () => {
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      response.writeHead(202, { "x-answer": String(request.headers["x-asks"]) });
      response.end(`${request.method} ${Buffer.concat(parts).toString()}`);
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const response = await app.fetch(`/js/ask?url=${encodeURIComponent(`http://127.0.0.1:${port}/x`)}`);
  expect(await response.json()).toEqual({ status: 202, said: "POST from the guest", header: "js" });
  server.closeAllConnections();
  server.close();
});
