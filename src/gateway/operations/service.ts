import type { Hono } from "hono";
import type { ServerRoutes } from "../../hosts/http/routes.ts";
import type { ServiceTools } from "../../registry/service.ts";
import type { GatewayEnv } from "../answer.ts";
import { routesDocument } from "../openapi/routes.ts";
import type { OperationName } from "./names.ts";
import { Metrics } from "./metrics.ts";
import { noRoute, observe, type Observers } from "./observe.ts";
import { addHealth, addMetrics } from "./routes.ts";

/** What an http.service does beside its routes, for as long as it runs. */
export class ServiceOperations implements Disposable {
  readonly #names: ReadonlySet<OperationName>;
  readonly #tools: ServiceTools;
  readonly #metrics: Metrics | undefined;
  #isStopping = false;

  constructor(names: readonly OperationName[], tools: ServiceTools) {
    this.#names = new Set(names);
    this.#tools = tools;
    if (!this.#names.has("metrics")) return;
    const { dispatcher } = tools.runtime;
    const collect = async () => await tools.ask({ service: "metrics", request: { do: "collect" } });
    const stats = () => tools.runtime.stats;
    this.#metrics = new Metrics({
      dispatcher,
      collect,
      hasRoute: (route) => route === noRoute || tools.http.routes.functionOf(route) !== undefined,
      get stats() {
        return stats();
      },
    });
  }

  /** Who is to be told of requests, if anybody. */
  get observers(): Observers | undefined {
    const log = this.#names.has("log") ? this.#tools.log : undefined;
    return log === undefined && this.#metrics === undefined ? undefined : { log, metrics: this.#metrics };
  }

  /** Adds what comes before the routes. */
  addTo(app: Hono<GatewayEnv>, routes: ServerRoutes): void {
    const [names, tools, metrics] = [this.#names, this.#tools, this.#metrics];
    const { observers } = this;
    if (observers !== undefined) app.use(observe<GatewayEnv>(observers, (c) => c.var.endpoint ?? noRoute));
    if (names.has("health")) {
      addHealth(app, {
        stats: () => tools.runtime.stats,
        notReady: () => (this.#isStopping ? "it is stopping" : undefined),
      });
    }
    if (metrics !== undefined) addMetrics(app, metrics);
    if (names.has("openapi")) app.get("/openapi.json", (c) => c.json(routesDocument(routes, tools.runtime.dispatcher)));
  }

  /** From now on, whoever balances loads is told to look elsewhere. */
  stopping(): void {
    this.#isStopping = true;
  }

  [Symbol.dispose](): void {
    this.#metrics?.[Symbol.dispose]();
  }
}
