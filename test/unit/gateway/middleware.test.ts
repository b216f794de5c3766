import { afterAll, beforeAll, expect, test } from "vitest";
import { router, serveApp, type ServedApp } from "./support/app.ts";

const lua = (name: string, modules: string, body: string): string => `
  - name: ${name}
    kind: function.lua
    modules: [${modules}]
    source: |
      return function(...)
        ${body}
      end
`;
const route = (name: string, path: string, func: string, routerName = name): string => `
  - { name: ${name}_e, kind: http.endpoint, meta: { router: ${routerName} }, method: GET, path: "${path}", func: ${func} }
`;
const routerOf = (name: string, fields: string): string =>
  router(fields).replace("name: router", `name: ${name}`).replace("prefix: /\n", `prefix: /${name}\n`);

let app: ServedApp;
beforeAll(async () => {
  app = await serveApp(
    routerOf(
      "cors",
      'middleware: [cors]\noptions: { cors.allow.origins: "https://a.example, *.b.example", cors_allow_credentials: true, max_age: 60, cors.expose.headers: X-One }',
    ) +
      route("cors", "/", "hello") +
      routerOf("open", "middleware: [cors]") +
      route("open", "/", "hello") +
      routerOf(
        "limited",
        'middleware: [ratelimit]\noptions: { ratelimit.requests: "2", ratelimit.window: 1h, ratelimit.key: "header:x-who" }',
      ) +
      route("limited", "/", "hello") +
      routerOf("small", "middleware: [compress, request_id, metrics]") +
      route("small", "/", "long") +
      routerOf("behind", "middleware: [real_ip]") +
      route("behind", "/", "address") +
      routerOf("anywhere", "middleware: [real_ip]\noptions: { real_ip.trust_all: true }") +
      route("anywhere", "/", "address") +
      routerOf("strange", 'middleware: [real_ip]\noptions: { real_ip.trusted.subnets: "203.0.113.0/24" }') +
      route("strange", "/", "address") +
      routerOf(
        "who",
        "middleware: [token_auth]\noptions: { token_auth.store: tokens }\npost_middleware: [endpoint_firewall]",
      ) +
      route("who", "/", "whoami") +
      route("barred", "/barred", "whoami", "who") +
      routerOf(
        "res",
        "middleware: [token_auth, resource_firewall]\noptions: { token_auth_store: 'api:tokens', resource_firewall.target: vault, resource_firewall.action: open }",
      ) +
      route("res", "/", "whoami") +
      lua("hello", "http", "return { hello = true }") +
      lua("long", "http", 'return { text = string.rep("long ", 1000) }') +
      lua("address", "http", 'return { address = require("http").request():remote_addr() }') +
      lua("whoami", "http, funcs", 'return require("funcs").call("api:inner")') +
      lua("inner", "security", 'local a = require("security").actor() return { id = a and a:id() or "nobody" }') +
      lua(
        "token",
        "security",
        `
        local security = require("security")
        local store = security.token_store("api:tokens")
        local scope = security.new_scope({ security.policy("api:visit") })
        return store:create(security.new_actor(..., {}), scope, {})`,
      ) +
      `
  - { name: kept, kind: store.memory }
  - { name: tokens, kind: security.token_store, store: kept }
  - { name: visit, kind: security.policy, policy: { actions: [access, "funcs.call"], resources: ["api:who_e", "api:inner"], effect: allow } }
`,
    { service: "    operations: [metrics]" },
  );
});
afterAll(async () => await app[Symbol.asyncDispose]());

const headersOf = async (path: string, headers: Record<string, string>, method = "GET"): Promise<Response> =>
  await app.fetch(path, { method, headers });

test("cors: an origin that is allowed may read, others get no word of it", async () => {
  const allowed = await headersOf("/cors", { origin: "https://a.example" });
  expect(allowed.headers.get("access-control-allow-origin")).toBe("https://a.example");
  expect(allowed.headers.get("access-control-allow-credentials")).toBe("true");
  expect(allowed.headers.get("access-control-expose-headers")).toBe("X-One");
  expect(allowed.headers.get("vary")).toContain("Origin");
  expect(await allowed.json()).toEqual({ hello: true });
  const below = await headersOf("/cors", { origin: "https://x.b.example" });
  expect(below.headers.get("access-control-allow-origin")).toBe("https://x.b.example");
  for (const origin of ["https://evil.example", "https://a.example.evil", "https://b.example.evil", "null"]) {
    const refused = await headersOf("/cors", { origin });
    expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([200, null]);
  }
  const anyone = await headersOf("/open", { origin: "https://evil.example" });
  expect(anyone.headers.get("access-control-allow-origin")).toBe("*");
});

test("cors: a preflight is answered when its origin is allowed, and passed on when not", async () => {
  const preflight = { "access-control-request-method": "POST" };
  const allowed = await headersOf("/cors", { ...preflight, origin: "https://a.example" }, "OPTIONS");
  expect(allowed.status).toBe(204);
  expect(allowed.headers.get("access-control-allow-methods")).toContain("POST");
  expect(allowed.headers.get("access-control-max-age")).toBe("60");
  const refused = await headersOf("/cors", { ...preflight, origin: "https://evil.example" }, "OPTIONS");
  expect([refused.status, refused.headers.get("access-control-allow-methods")]).toEqual([204, null]);
});

test("ratelimit: whoever asks too often is told when to come back", async () => {
  const ask = async (who: string): Promise<Response> => await headersOf("/limited", { "x-who": who });
  expect([(await ask("a")).status, (await ask("a")).status, (await ask("b")).status]).toEqual([200, 200, 200]);
  const refused = await ask("a");
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect([refused.headers.get("x-ratelimit-limit"), refused.headers.get("x-ratelimit-remaining")]).toEqual(["2", "0"]);
  expect(Number(refused.headers.get("x-ratelimit-reset"))).toBeGreaterThan(Date.now() / 1_000);
});

test("compress, request_id and metrics: smaller, named, counted", async () => {
  const response = await headersOf("/small", { "accept-encoding": "gzip", "x-request-id": "mine-1" });
  expect(response.headers.get("content-encoding")).toBe("gzip");
  expect(response.headers.get("x-request-id")).toBe("mine-1");
  expect(await response.json()).toEqual({ text: "long ".repeat(1000) });
  expect((await headersOf("/small", {})).headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  const metrics = await (await headersOf("/metrics", {})).text();
  expect(metrics).toMatch(/^http_requests_total\{method="GET",route="api:small_e",status="200"\} 2$/m);
  expect(metrics).toMatch(/^http_request_duration_seconds_count\{[^}]*\} 2$/m);
  expect(metrics).toMatch(/^http_requests_in_flight 0$/m);
});

test("real_ip: a proxy that is trusted says who the client is, anybody else does not", async () => {
  const seen = async (path: string, headers: Record<string, string>): Promise<string> =>
    await (await headersOf(path, headers)).text();
  expect(await seen("/behind", { "x-forwarded-for": "203.0.113.9, 10.0.0.1" })).toBe('{"address":"203.0.113.9:0"}');
  expect(await seen("/behind", { "x-forwarded-for": "1.1.1.1, 203.0.113.9" })).toBe('{"address":"203.0.113.9:0"}');
  expect(await seen("/behind", { "x-forwarded-for": "nonsense" })).toContain("127.0.0.1:");
  expect(await seen("/anywhere", { "x-forwarded-for": "203.0.113.9, 198.51.100.1" })).toBe(
    '{"address":"203.0.113.9:0"}',
  );
  expect(await seen("/strange", { "x-forwarded-for": "203.0.113.9" })).toContain("127.0.0.1:");
});

test("token_auth finds out who asks, wherever the token stands; firewalls let through who may", async () => {
  const token = await app.runtime.call("api:token", "ada");
  if (typeof token !== "string") throw new Error("no token");
  const asked = async (path: string, headers: Record<string, string> = {}): Promise<readonly [number, unknown]> => {
    const response = await headersOf(path, headers);
    return [response.status, await response.json()];
  };
  const ada = { id: "ada" };
  expect(await asked("/who", { authorization: `Bearer ${token}` })).toEqual([200, ada]);
  expect(await asked("/who", { cookie: `x-auth-token=${encodeURIComponent(token)}` })).toEqual([200, ada]);
  expect(await asked(`/who?x-auth-token=${encodeURIComponent(token)}`)).toEqual([200, ada]);
  expect((await asked("/who"))[0]).toBe(401);
  expect((await asked("/who", { authorization: "Bearer nonsense" }))[0]).toBe(401);
  expect((await asked("/who/barred", { authorization: `Bearer ${token}` }))[0]).toBe(403);
  expect(await asked("/res", { authorization: `Bearer ${token}` })).toEqual([
    403,
    { error: "access denied", action: "open", resource: "vault" },
  ]);
});

test("an option that no middleware of its chain has is a warning where it stands, with the one that was meant", async () => {
  await using own = await serveApp(
    routerOf(
      "slip",
      "middleware: [cors, ratelimit, otel]\noptions: { cors.alow.origins: x, max_age: 5, cors_max_age: 5, compress.threshold: 1, otel.any: 1 }",
    ) +
      route("slip", "/", "hello") +
      lua("hello", "http", "return 1"),
  );
  expect(own.runtime.diagnostics.map(({ severity, code, message, hint }) => [severity, code, message, hint])).toEqual([
    ["warning", "no-effect", "middleware: otel has no effect yet", undefined],
    [
      "warning",
      "no-effect",
      "options: no middleware of cors, ratelimit, otel has an option cors.alow.origins",
      expect.stringContaining("cors.allow.origins"),
    ],
    [
      "warning",
      "no-effect",
      "options: no middleware of cors, ratelimit, otel has an option compress.threshold",
      undefined,
    ],
  ]);
});
