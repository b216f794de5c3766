import { monotonicMs } from "../../core/clock.ts";
import type { Middleware } from "./middleware.ts";

/** Counts requests among the app's metrics. */
export const metricsMiddleware: Middleware = {
  name: "metrics",
  summary: "Counts requests, their status and their time by endpoint, among the metrics of the app itself.",
  options: {},
  create: (_options, { count }) => {
    let inFlight = 0;
    return async (c, next) => {
      const started = monotonicMs();
      inFlight += 1;
      count({ do: "set", metric: { name: "http_requests_in_flight", labels: {} }, value: inFlight });
      try {
        await next();
      } finally {
        inFlight -= 1;
        // The endpoint, not the path: paths have ids in them.
        const labels = { method: c.req.method, route: c.var.endpoint ?? "", status: String(c.res.status) };
        const metric = { name: "http_requests_total", labels };
        const duration = {
          name: "http_request_duration_seconds",
          labels: { method: labels.method, route: labels.route },
        };
        count({ do: "set", metric: { name: "http_requests_in_flight", labels: {} }, value: inFlight });
        count({ do: "add", type: "counter", metric, value: 1 });
        count({ do: "observe", metric: duration, value: (monotonicMs() - started) / 1_000 });
      }
    };
  },
};
