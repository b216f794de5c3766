import type { EntryId } from "../core/ids.ts";
import type { RunningService, ServiceTools } from "../registry/service.ts";
import { createApp } from "./app.ts";
import { handlersOf } from "./middleware/index.ts";
import type { MiddlewareWorld } from "./middleware/middleware.ts";
import { listen, type Fetch } from "./server.ts";
import type { ServerSettings } from "./settings.ts";

/** Serves the routes of an http.service entry, as they are at each moment. @throws WeftError `LISTEN_FAILED`. */
export async function serveRoutes(id: EntryId, settings: ServerSettings, tools: ServiceTools): Promise<RunningService> {
  const { http, log } = tools;
  const world = middlewareWorld(tools);
  const made = (): Fetch => {
    const app = createApp({
      http,
      log,
      routes: http.routes.of(id),
      bodyBytes: settings.limits.bodyBytes,
      middleware: (list) => handlersOf(list, world),
    });
    return (request, env) => app.fetch(request, env);
  };
  const listener = await listen({ settings, fetch: made(), log });
  const changes = http.routes.onChange(() => listener.use(made()));
  log.info("serving HTTP", { service: id, url: listener.url });
  return {
    ended: listener.ended,
    async stop(timeoutMs) {
      changes[Symbol.dispose]();
      await listener.stop(timeoutMs);
    },
  };
}

function middlewareWorld({ log }: ServiceTools): MiddlewareWorld {
  return {
    log,
    mayDo: () => false,
    validateToken: async () => undefined,
  };
}
