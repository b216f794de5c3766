import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadApp } from "../../../src/boot/app.ts";
import { endpoint, indexOf, router } from "./support/app.ts";

async function problemsOf(entries: string): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), "weft-routes-"));
  writeFileSync(join(folder, "_index.yaml"), indexOf(entries));
  try {
    const { diagnostics } = await loadApp(folder, { compile: false });
    return diagnostics
      .filter(({ severity }) => severity === "error")
      .map(({ entry, message, code }) => `${code === "route-conflict" ? "conflict " : ""}${entry}: ${message}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const get = (path: string, name: string): string => endpoint("GET", path, "return 1", name);

test("routes of which one is more specific, or of other methods, go together", async () => {
  const more = get("/users/{id}", "b") + get("/users/me", "c") + get("/{rest...}", "d") + get("/", "e");
  expect(await problemsOf(router() + more + endpoint("POST", "/users/{id}", "return 1", "f"))).toEqual([]);
});

test("two endpoints of one method and path: the later one is refused, and both are named", async () => {
  expect(await problemsOf(router() + get("/users/{id}", "one") + get("/users/:name", "two"))).toEqual([
    "conflict api:two: path: GET /users/:name is api:one's already",
  ]);
});

test("two paths of which neither is more specific are refused, and both are named", async () => {
  expect(await problemsOf(router() + get("/a/{x}", "one") + get("/{y}/b", "two"))).toEqual([
    "conflict api:two: path: GET /{y}/b and /a/{x} of api:one fit the same paths, and neither is more specific",
  ]);
});

test("two routers of one server and prefix are refused", async () => {
  const second = router().replace("name: router", "name: second");
  expect(await problemsOf(router() + second)).toEqual([
    "conflict api:second: prefix: api:router has the prefix / on api:server, too",
  ]);
});

test("a router without a server, an endpoint without a router, a path that is none, middleware that is none", async () => {
  const entries = `
  - { name: r, kind: http.router, prefix: /x }
  - { name: e, kind: http.endpoint, method: GET, path: /, func: f }
  - { name: g, kind: http.endpoint, meta: { router: q }, method: GET, path: x, func: f }
  - { name: q, kind: http.router, meta: { server: server }, prefix: /q, middleware: [corz, otel] }
  - { name: f, kind: function.lua, source: return 1 }
  - name: o
    kind: http.router
    meta: { server: server }
    prefix: /o
    middleware: [ratelimit, cors]
    options: { ratelimit.requests: many, cors.max.age: "10" }
    post_middleware: [token_auth, real_ip]
    post_options: { real_ip.trusted: nonsense }
`;
  expect(await problemsOf(entries)).toEqual([
    "api:r: meta.server is missing: the id of an http.service",
    "api:e: meta.router is missing: the id of an http.router",
    "api:g: path: a path begins with a slash",
    "api:q: middleware: no middleware corz",
    'api:o: options: ratelimit.requests: expected a whole number, got "many"',
    "api:o: post_options: token_auth.store: the id of a security.token_store",
    'api:o: post_options: real_ip.trusted: "nonsense" is no network',
  ]);
});
