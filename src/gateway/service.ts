import { parseId, resolveId, type EntryId } from "../core/ids.ts";
import type { MiddlewareList } from "../hosts/http/routes.ts";
import { validateToken } from "../hosts/security/tokens.ts";
import type { RunningService, ServiceTools } from "../registry/service.ts";
import { createApp } from "./app.ts";
import { handlersOf } from "./middleware/index.ts";
import type { Handler, MiddlewareWorld } from "./middleware/middleware.ts";
import { listen, type Fetch } from "./server.ts";
import type { ServerSettings } from "./settings.ts";

/** Serves the routes of an http.service entry, as they are at each moment. @throws WeftError `LISTEN_FAILED`. */
export async function serveRoutes(id: EntryId, settings: ServerSettings, tools: ServiceTools): Promise<RunningService> {
  const { http, log } = tools;
  const chains = new Chains(tools);
  const made = (): Fetch => {
    const app = createApp({
      http,
      log,
      routes: http.routes.of(id),
      bodyBytes: settings.limits.bodyBytes,
      ask: tools.ask,
      middleware: (owner, list) => chains.handlers(owner, list),
    });
    chains.forgetUnused();
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

/** The middleware of routers: what did not change is kept, and what it has counted with it. */
class Chains {
  readonly #tools: ServiceTools;
  #kept = new Map<string, readonly Handler[]>();
  #used = new Map<string, readonly Handler[]>();

  constructor(tools: ServiceTools) {
    this.#tools = tools;
  }

  handlers(owner: EntryId, list: MiddlewareList): readonly Handler[] {
    const key = JSON.stringify([owner, list]);
    const handlers = this.#used.get(key) ?? this.#kept.get(key) ?? handlersOf(list, worldOf(this.#tools, owner));
    this.#used.set(key, handlers);
    return handlers;
  }

  forgetUnused(): void {
    this.#kept = this.#used;
    this.#used = new Map();
  }
}

function worldOf({ log, policies, ask }: ServiceTools, owner: EntryId): MiddlewareWorld {
  return {
    log,
    mayDo: ({ actor, scope }, action, resource) =>
      policies.compiled(scope).decide(actor, action, resource, undefined) === "allow",
    validateToken: (store, token) => validateToken(ask, resolveId(store, parseId(owner).namespace), token),
    // A metric that cannot be counted must not fail a request.
    count: (request) => void ask({ service: "metrics", request }).catch(() => undefined),
  };
}
