import { expect, test } from "vitest";
import type { Log, LogFields } from "../../../../src/core/log.ts";
import { programMetrics } from "../../../../src/gateway/operations/program-metrics.ts";
import { traceOf, traceparent } from "../../../../src/gateway/operations/trace.ts";
import { served } from "../serve/support.ts";

const module = `(module (func (export "f") (result i32) (i32.const 1)) (func (export "spin") (loop (br 0))))`;

/** A log that keeps its lines. */
function recorded() {
  const lines: LogFields[] = [];
  const line = (message: string, fields?: LogFields): void => void lines.push({ message, ...fields });
  const log: Log = { debug: line, info: line, warn: line, error: line };
  return { lines, log };
}

test("it is healthy, and ready until it stops", async () => {
  await using app = await served({});
  expect(await (await app.app.request("/healthz")).json()).toMatchObject({ status: "ok", isolates: 1 });
  expect(await (await app.app.request("/readyz")).json()).toEqual({ status: "ready" });
  app.stopping();
  const response = await app.app.request("/readyz");
  expect([response.status, await response.json()]).toEqual([503, { status: "not ready", reason: "it is stopping" }]);
  expect((await app.app.request("/healthz")).status).toBe(200);
});

test("metrics count calls, durations, requests, limits, and show what runs", async () => {
  await using app = await served({ "a.wat": module }, { limits: { executionMs: 200 } });
  for (let i = 0; i < 3; i += 1) await app.post("/call/a/f");
  await app.post("/call/a/spin");
  await app.post("/nowhere/at/all");
  const response = await app.app.request("/metrics");
  expect(response.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
  const text = await response.text();
  for (const line of [
    'weft_function_calls_total{function_id="a:f",status="success"} 3',
    'weft_function_calls_total{function_id="a:spin",status="error"} 1',
    'weft_function_duration_seconds_count{function_id="a:f"} 3',
    'weft_limits_crossed_total{function_id="a:spin",code="CALL_TIMEOUT"} 1',
    'weft_http_requests_total{method="POST",route="/call/:namespace/:name{.+}",status="200"} 3',
    'weft_http_requests_total{method="POST",route="(none)",status="404"} 1',
    "weft_http_requests_in_flight 1",
    'weft_function_in_flight{function_id="a:f"} 0',
    'weft_function_slots{function_id="a:f"} 16',
    'weft_function_queue_length{function_id="a:f"} 0',
    'weft_function_finished{function_id="a:f"} 3',
    'weft_isolate_calls_in_flight{isolate="0"} 0',
  ]) {
    expect(text.split("\n")).toContain(line);
  }
  expect(text).toMatch(/^process_resident_memory_bytes \d/m);
  expect(text).toMatch(/^weft_instance_memories\{isolate="0"\} \d/m);
});

test("each request has a line in the log, an id, and a trace that goes on", async () => {
  const { lines, log } = recorded();
  await using app = await served({ "a.wat": module }, { log });
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
  const headers = { "x-request-id": "abc-1", traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
  const response = await app.app.request("/call/a/f", { method: "POST", headers });
  expect(response.headers.get("x-request-id")).toBe("abc-1");
  expect(lines).toContainEqual({
    message: "request",
    method: "POST",
    path: "/call/a/f",
    status: 200,
    ms: expect.any(Number),
    request: "abc-1",
    trace: traceId,
  });
});

test("an id that could break a log or a header is not taken over", async () => {
  await using app = await served({});
  const response = await app.app.request("/functions", { headers: { "x-request-id": "a b<script>" } });
  expect(response.headers.get("x-request-id")).toMatch(/^[\da-f-]{36}$/);
});

test.each([
  undefined,
  "",
  "nonsense",
  `00-${"0".repeat(32)}-00f067aa0ba902b7-01`,
  `00-4bf92f3577b34da6a3ce929d0e0e4736-${"0".repeat(16)}-01`,
  "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
  "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
])("the traceparent %s is as none: a new trace begins", (header) => {
  const trace = traceOf(header);
  expect(traceparent(trace)).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-01$/);
  expect(header ?? "").not.toContain(trace.traceId);
});

test("what programs counted is written in Prometheus' format", () => {
  const buckets = [0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1];
  expect(
    programMetrics([
      { name: "my.orders", type: "counter", series: [{ labels: { kind: 'a "b"\n' }, value: 2 }] },
      { name: "took", type: "histogram", series: [{ labels: {}, sum: 0.02, count: 1, buckets }] },
    ]).split("\n"),
  ).toEqual(
    expect.arrayContaining([
      "# TYPE my_orders counter",
      'my_orders{kind="a \\"b\\"\\n"} 2',
      'took_bucket{le="0.01"} 0',
      'took_bucket{le="0.025"} 1',
      'took_bucket{le="+Inf"} 1',
      "took_sum 0.02",
      "took_count 1",
    ]),
  );
});
