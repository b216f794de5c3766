import { expect, test } from "vitest";
import type { Value } from "../../../../src/core/values.ts";
import { MetricService } from "../../../../src/hosts/metrics/service.ts";
import { instance } from "../lua/support/instance.ts";

test("counts, sets and observes, apart by labels", async () => {
  const { run, services } = instance();
  await run(`metrics.counter_inc("calls_total", { to = "a" }) metrics.counter_add("calls_total", 2, { to = "a" })
    metrics.counter_inc("calls_total", { to = "b", ok = true })
    metrics.gauge_set("depth", 5) metrics.gauge_inc("depth") metrics.gauge_dec("depth", {}) metrics.gauge_dec("depth")
    metrics.histogram("seconds", 0.2) metrics.histogram("seconds", 0.01) metrics.histogram("seconds", 100)`);
  expect(await services.ask({ service: "metrics", request: { do: "collect" } })).toEqual([
    {
      name: "calls_total",
      type: "counter",
      series: [
        { labels: { to: "a" }, value: 3 },
        { labels: { to: "b", ok: "true" }, value: 1 },
      ],
    },
    { name: "depth", type: "gauge", series: [{ labels: {}, value: 4 }] },
    {
      name: "seconds",
      type: "histogram",
      series: [{ labels: {}, sum: 100.21, count: 3, buckets: [0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2] }],
    },
  ] satisfies Value);
});

test.each([
  ["metrics.counter_inc('a b')", "no name of a metric"],
  ["metrics.counter_inc('a', { ['b c'] = 1 })", "no name of a label"],
  ["metrics.counter_inc('a', { b = {} })", "the label b"],
  ["metrics.counter_add('a', -1)", "never goes down"],
  ["metrics.gauge_set('a', 0/0)", "finite"],
  ["(function() metrics.counter_inc('x') return metrics.gauge_inc('x') end)()", "is a counter, not a gauge"],
])("%s is refused", async (source, message) => {
  const { run } = instance();
  expect(await run(`local v, e = ${source} return { v == nil, e:kind(), e:message() }`)).toEqual([
    true,
    "Invalid",
    expect.stringContaining(message),
  ]);
});

test("there are only so many series", () => {
  const service = new MetricService();
  const count = (id: number): Value =>
    service.ask({ do: "add", type: "counter", metric: { name: "n", labels: { id: `${id}` } }, value: 1 });
  for (let id = 0; id < 10_000; id += 1) count(id);
  expect(() => count(10_000)).toThrow("labels must not hold ids");
  expect(count(5)).toBe(true);
});
