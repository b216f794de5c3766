import { WeftError } from "../../core/errors.ts";
import type { LuaCall } from "../../engine/lua/call.ts";
import type { LuaFunction, LuaModule } from "../../engine/lua/module.ts";
import type { InstanceContext } from "../context.ts";
import type { Metric, MetricRequest } from "./service.ts";

type Call = LuaCall<InstanceContext>;

const metricName = /^[A-Za-z_:][\w:]*$/;
const labelName = /^[A-Za-z_]\w*$/;

function metric(call: Call, labelsAt: number): Metric {
  const name = call.text(1);
  if (!metricName.test(name)) throw new WeftError("INVALID_ARGUMENT", `"${name}" is no name of a metric`);
  const labels = Object.entries(call.record(labelsAt)).map(([label, value]) => {
    if (!labelName.test(label)) throw new WeftError("INVALID_ARGUMENT", `"${label}" is no name of a label`);
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
      return [label, `${value}`];
    throw new WeftError("INVALID_ARGUMENT", `the label ${label} is a text, a number or a boolean`);
  });
  return { name, labels: Object.fromEntries(labels) };
}

function amount(call: Call): number {
  const value = call.number(2);
  if (Number.isFinite(value)) return value;
  throw new WeftError("INVALID_ARGUMENT", "a metric's value is a finite number");
}

const tell =
  (request: (call: Call) => MetricRequest): LuaFunction<InstanceContext> =>
  (call) =>
    call.host.ports.services.ask({ service: "metrics", request: request(call) });

function added(call: Call): number {
  const value = amount(call);
  if (value >= 0) return value;
  throw new WeftError("INVALID_ARGUMENT", "a counter never goes down");
}

/** Counters, gauges and histograms of the app. */
export const metricsModule: LuaModule<InstanceContext> = {
  name: "metrics",
  always: false,
  table: {
    counter_inc: tell((call) => ({ do: "add", type: "counter", metric: metric(call, 2), value: 1 })),
    counter_add: tell((call) => ({ do: "add", type: "counter", metric: metric(call, 3), value: added(call) })),
    gauge_set: tell((call) => ({ do: "set", metric: metric(call, 3), value: amount(call) })),
    gauge_inc: tell((call) => ({ do: "add", type: "gauge", metric: metric(call, 2), value: 1 })),
    gauge_dec: tell((call) => ({ do: "add", type: "gauge", metric: metric(call, 2), value: -1 })),
    histogram: tell((call) => ({ do: "observe", metric: metric(call, 3), value: amount(call) })),
  },
};
