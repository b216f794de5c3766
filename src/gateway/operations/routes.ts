import type { Env, Hono } from "hono";
import type { RuntimeStats } from "../../core/stats.ts";
import type { Metrics } from "./metrics.ts";

/** What tells whether a server is well. */
export interface HealthParts {
  readonly stats: () => RuntimeStats;
  /** Why no requests should be sent here, or undefined while they should. */
  readonly notReady: () => string | undefined;
}

/** Adds `/healthz`, the process answers, and `/readyz`, requests should be sent here. */
export function addHealth<E extends Env>(app: Hono<E>, { stats, notReady }: HealthParts): void {
  app.get("/healthz", (c) => {
    const { isolates } = stats();
    return c.json({ status: "ok", isolates: isolates.length, isolates_up: isolates.filter(({ isUp }) => isUp).length });
  });
  app.get("/readyz", (c) => {
    const reason = notReady();
    return reason === undefined ? c.json({ status: "ready" }) : c.json({ status: "not ready", reason }, 503);
  });
}

/** Adds `/metrics`, in Prometheus' text format. */
export function addMetrics<E extends Env>(app: Hono<E>, metrics: Metrics): void {
  app.get("/metrics", async (c) => {
    c.header("content-type", "text/plain; version=0.0.4; charset=utf-8");
    return c.body(await metrics.text());
  });
}
