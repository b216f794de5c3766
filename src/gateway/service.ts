import { toWeftError } from "../core/errors.ts";
import { parseId, resolveId, type EntryId } from "../core/ids.ts";
import type { MiddlewareList } from "../hosts/http/routes.ts";
import { validateToken } from "../hosts/security/tokens.ts";
import type { RunningService, ServiceTools } from "../registry/service.ts";
import { createApp, targetOf } from "./app.ts";
import { directRoutes } from "./direct.ts";
import { folderOf } from "./files.ts";
import { handlersOf } from "./middleware/index.ts";
import type { Handler, MiddlewareWorld } from "./middleware/middleware.ts";
import { operationPaths, type OperationName } from "./operations/names.ts";
import { ServiceOperations } from "./operations/service.ts";
import { listen, type Answers } from "./server.ts";
import type { ServerSettings } from "./settings.ts";

/** An http.service: its settings, and what it does beside its routes. */
export interface ServedService {
  readonly id: EntryId;
  readonly settings: ServerSettings;
  readonly operations: readonly OperationName[];
}

/** Serves the routes of an http.service entry, as they are at each moment. @throws WeftError `LISTEN_FAILED`. */
export async function serveRoutes(service: ServedService, tools: ServiceTools): Promise<RunningService> {
  const { id, settings } = service;
  const { http, log } = tools;
  const stopping = new Set<() => void>();
  const around: ServerAround = {
    correspond: (ears) => tools.correspond(id, ears),
    onStop(listener) {
      stopping.add(listener);
      return { [Symbol.dispose]: () => void stopping.delete(listener) };
    },
  };
  const chains = new Chains(tools, around);
  using stack = new DisposableStack();
  const operations = stack.use(new ServiceOperations(service.operations, tools));
  const { bodyBytes } = settings.limits;
  const isPlain = service.operations.length === 0;
  const made = (): Answers => {
    const routes = http.routes.of(id);
    const app = createApp({
      http,
      log,
      routes,
      ...(!isPlain && { first: (hono) => operations.addTo(hono, routes) }),
      bodyBytes,
      ask: tools.ask,
      middleware: (owner, list) => chains.handlers(owner, list),
    });
    chains.forgetUnused();
    return {
      fetch: (request, env) => app.fetch(request, env),
      direct: directRoutes(routes.endpoints, {
        targetOf: (endpoint) => targetOf(endpoint, [], { http, log, bodyBytes }),
        observers: operations.observers,
        taken: isPlain ? new Set() : operationPaths,
      }),
    };
  };
  const listener = await listen({ settings, answers: made(), log });
  const changes = http.routes.onChange(() => {
    try {
      listener.use(made());
    } catch (error) {
      // Routes are checked before they change, so this is a bug of ours: what was served goes on.
      log.error("routes could not be changed", { service: id, error: toWeftError(error).message });
    }
  });
  log.info("serving HTTP", { service: id, url: listener.url });
  const held = stack.move();
  return {
    ended: listener.ended,
    async stop(timeoutMs) {
      changes[Symbol.dispose]();
      operations.stopping();
      for (const stop of stopping) stop();
      await listener.stop(timeoutMs);
      held.dispose();
    },
  };
}

/** What middleware may use of the server that it is on. */
type ServerAround = Pick<MiddlewareWorld, "correspond" | "onStop">;

/** The middleware of routers: what did not change is kept, and what it has counted with it. */
class Chains {
  readonly #tools: ServiceTools;
  readonly #around: ServerAround;
  #kept = new Map<string, readonly Handler[]>();
  #used = new Map<string, readonly Handler[]>();

  constructor(tools: ServiceTools, around: ServerAround) {
    this.#tools = tools;
    this.#around = around;
  }

  handlers(owner: EntryId, list: MiddlewareList): readonly Handler[] {
    const key = JSON.stringify([owner, list]);
    const handlers = this.#used.get(key) ?? this.#kept.get(key) ?? handlersOf(list, this.#worldOf(owner));
    this.#used.set(key, handlers);
    return handlers;
  }

  #worldOf(owner: EntryId): MiddlewareWorld {
    return { ...worldOf(this.#tools, owner), ...this.#around };
  }

  forgetUnused(): void {
    this.#kept = this.#used;
    this.#used = new Map();
  }
}

function worldOf({ log, policies, ask }: ServiceTools, owner: EntryId): Omit<MiddlewareWorld, keyof ServerAround> {
  return {
    log,
    mayDo: ({ actor, scope }, action, resource) =>
      policies.compiled(scope).decide(actor, action, resource, undefined) === "allow",
    validateToken: (store, token) => validateToken(ask, resolveId(store, parseId(owner).namespace), token),
    folderOf: (fs) => folderOf(resolveId(fs, parseId(owner).namespace), ask),
    // A metric that cannot be counted must not fail a request.
    count: (request) => void ask({ service: "metrics", request }).catch(() => undefined),
  };
}
