import { Validator } from "@seriousme/openapi-schema-validator";
import { createServer } from "node:http";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endpoint, indexOf, router, serveApp, type ServedApp } from "../support/app.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;

let app: ServedApp;
beforeAll(async () => {
  app = await serveApp(
    router() +
      endpoint("GET", "/hello", `res:write("hello")`) +
      endpoint("GET", "/users/{id}", `return require("ctx").trace()`) +
      endpoint("POST", "/asks", `return { got = require("http_client").get(req:query("url")).body }`) +
      endpoint("GET", "/counted", `require("metrics").counter_inc("orders", { kind = "a" }) return 1`),
    { service: "    operations: [health, metrics, openapi, log]" },
  );
});
afterAll(async () => await app[Symbol.asyncDispose]());

test("an http.service is healthy and ready", async () => {
  expect(await (await app.fetch("/healthz")).json()).toMatchObject({ status: "ok", isolates: 1 });
  expect(await (await app.fetch("/readyz")).json()).toEqual({ status: "ready" });
});

test("its metrics have requests by endpoint, calls, and what programs counted", async () => {
  await app.fetch("/counted");
  await app.fetch("/users/1");
  await app.fetch("/users/2");
  await app.fetch("/nowhere");
  const lines = (await (await app.fetch("/metrics")).text()).split("\n");
  expect(lines).toContain('orders{kind="a"} 1');
  expect(
    lines.find((line) =>
      /^weft_http_requests_total\{method="GET",route="api:[^"]*users[^"]*",status="200"\} 2$/.test(line),
    ),
  ).toBeDefined();
  expect(lines).toContain('weft_http_requests_total{method="GET",route="(none)",status="404"} 1');
  expect(lines.some((line) => line.startsWith("weft_function_calls_total{"))).toBe(true);
});

test("a request's trace reaches Lua, its log line, and the requests that it makes", async () => {
  const response = await app.fetch("/users/7", { headers: { traceparent, "x-request-id": "r-7" } });
  expect(await response.json()).toMatchObject({
    trace_id: traceId,
    span_id: expect.not.stringMatching("00f067aa0ba902b7"),
  });
  expect(response.headers.get("x-request-id")).toBe("r-7");
  expect(app.lines.find((line) => line.includes('"request":"r-7"'))).toContain(`"trace":"${traceId}"`);
  const other = createServer((request, answer) => void answer.end(request.headers["traceparent"])).listen(
    0,
    "127.0.0.1",
  );
  await once(other, "listening");
  const address = other.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const asked = await app.fetch(`/asks?url=http://127.0.0.1:${port}/`, { method: "POST", headers: { traceparent } });
  expect(await asked.json()).toEqual({ got: expect.stringMatching(new RegExp(`^00-${traceId}-[\\da-f]{16}-01$`)) });
  other.closeAllConnections();
  other.close();
});

test("its endpoints are described in OpenAPI 3.1", async () => {
  const document: unknown = await (await app.fetch("/openapi.json")).json();
  const { valid, errors } = await new Validator().validate(Object(document));
  expect([valid, errors ?? []]).toEqual([true, []]);
  expect(document).toMatchObject({
    paths: expect.objectContaining({
      "/users/{id}": {
        get: expect.objectContaining({
          parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }],
        }),
      },
    }),
  });
});

test("without `operations` there is none of it", async () => {
  await using plain = await serveApp(router() + endpoint("GET", "/hello", `res:write("hello")`));
  const paths = ["/healthz", "/readyz", "/metrics", "/openapi.json"];
  const statuses = await Promise.all(paths.map(async (path) => (await plain.fetch(path)).status));
  expect(statuses).toEqual([404, 404, 404, 404]);
});

test("what is counted of endpoints and functions that are gone is told once more, and then no longer", async () => {
  const service = "    operations: [metrics]";
  const stays = router() + endpoint("GET", "/stays", "return 1");
  await using changing = await serveApp(stays + endpoint("GET", "/goes", "return 1"), { service });
  for (const path of ["/stays", "/goes", "/nowhere"]) await (await changing.fetch(path)).text();
  writeFileSync(join(changing.folder, "registry/_index.yaml"), indexOf(stays, { service }));
  await changing.runtime.registry.reload();
  const series = async (): Promise<string[]> =>
    (await (await changing.fetch("/metrics")).text()).split("\n").filter((line) => /_total\{|_count\{/.test(line));
  const counted = (lines: readonly string[], text: string): number =>
    lines.filter((line) => line.includes(text)).length;
  expect(counted(await series(), "goes")).toBe(4);
  const after = await series();
  expect(counted(after, "goes")).toBe(0);
  expect(counted(after, "stays")).toBe(4);
  expect(counted(after, 'route="(none)",status="404"')).toBe(1);
});
