import type { Env, Hono } from "hono";
import type { RuntimeStats } from "../../runtime/control/stats.ts";
import type { Metrics } from "./metrics.ts";

/** What the doors for whoever watches show. */
export interface OperationsParts {
  readonly metrics: Metrics;
  readonly stats: () => RuntimeStats;
  /** Why no requests should be sent here, or undefined while they should. */
  readonly notReady: () => string | undefined;
}

/**
 * Adds `/healthz` (the process answers and has a thread that serves, or one that starts), `/readyz` (send requests here) and
 * `/metrics`.
 */
export function addOperations<E extends Env>(app: Hono<E>, { metrics, stats, notReady }: OperationsParts): void {
  app.get("/healthz", (c) => {
    const { isolates } = stats();
    return c.json({ status: "ok", isolates: isolates.length, isolates_up: isolates.filter(({ isUp }) => isUp).length });
  });
  app.get("/readyz", (c) => {
    const reason = notReady();
    return reason === undefined ? c.json({ status: "ready" }) : c.json({ status: "not ready", reason }, 503);
  });
  app.get("/metrics", async (c) => {
    c.header("content-type", "text/plain; version=0.0.4; charset=utf-8");
    return c.body(await metrics.text());
  });
}
