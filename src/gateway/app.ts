import { Hono, type MiddlewareHandler } from "hono";
import type { EntryId } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import type { EndpointRoute, MiddlewareList, ServerRoutes } from "../hosts/http/routes.ts";
import type { HttpService } from "../hosts/http/service.ts";
import type { ServiceTools } from "../registry/service.ts";
import { answer, type GatewayEnv } from "./answer.ts";
import type { AnswerTarget } from "./exchange.ts";
import { failureResponse } from "./failures.ts";
import { bySpecificity, fullPath, honoPath, matches, readPath, spellings, type PathPattern } from "./paths.ts";
import { staticHandler } from "./static.ts";

/** What an app of routes is made of. */
export interface AppParts {
  readonly http: HttpService;
  readonly log: Log;
  readonly routes: ServerRoutes;
  readonly bodyBytes: number;
  /** The handlers of a chain of middleware. */
  readonly middleware: (owner: EntryId, list: MiddlewareList) => readonly MiddlewareHandler<GatewayEnv>[];
  /** Adds what comes before all routes. */
  readonly first?: (app: Hono<GatewayEnv>) => void;
  /** Asks the shared half of a host. */
  readonly ask: ServiceTools["ask"];
}

/** An endpoint, ready to be added. */
interface Route {
  readonly endpoint: EndpointRoute;
  readonly pattern: PathPattern;
}

/** Makes the hono app of a server's routes. Of two routes that fit a path, the more specific one answers. */
export function createApp(parts: AppParts): Hono<GatewayEnv> {
  const app = new Hono<GatewayEnv>();
  parts.first?.(app);
  const routes = parts.routes.endpoints
    .map((endpoint): Route => ({ endpoint, pattern: fullPath(endpoint) }))
    .toSorted((a, b) => bySpecificity(a.pattern, b.pattern));
  const statics = parts.routes.statics.map((files) => ({
    pattern: below(files.spec.path),
    add: () => addStatic(app, files, parts),
  }));
  const endpoints = routes.map((route) => ({ pattern: route.pattern, add: () => addEndpoint(app, route, parts) }));
  for (const { add } of [...endpoints, ...statics].toSorted((a, b) => bySpecificity(a.pattern, b.pattern))) add();
  for (const route of routes) addOptions(app, route, { parts, routes });
  app.notFound((c) => {
    const methods = allowed(routes, c.req.path);
    if (methods.length === 0) return c.text("404 page not found\n", 404);
    return c.text("405 method not allowed\n", 405, { allow: methods.join(", ") });
  });
  app.onError((error, c) => {
    parts.log.error("a request failed", { path: c.req.path, error: error.message });
    return failureResponse(error);
  });
  return app;
}

/** Who answers at an endpoint. */
export function targetOf(
  { id, spec }: EndpointRoute,
  names: readonly string[],
  { http, log, bodyBytes }: Pick<AppParts, "http" | "log" | "bodyBytes">,
): AnswerTarget {
  return { http, log, endpoint: id, func: spec.func, names, bodyBytes };
}

function addEndpoint(app: Hono<GatewayEnv>, { endpoint, pattern }: Route, parts: AppParts): void {
  const { middleware } = parts;
  const { path, names } = honoPath(pattern);
  const { id, spec, router } = endpoint;
  const target = targetOf(endpoint, names, parts);
  const [before, after] = [middleware(spec.router, router.before), middleware(spec.router, router.after)];
  const known: MiddlewareHandler<GatewayEnv> = async (c, next) => {
    c.set("endpoint", id);
    await next();
  };
  const last: MiddlewareHandler<GatewayEnv> = (c) => answer(c, target);
  // A handler alone is called without the machinery of a chain.
  const isAlone = before.length + after.length === 0 && parts.first === undefined;
  const handlers = isAlone ? [last] : [...before, known, ...after, last];
  for (const each of spellings(path, endpoint)) app.on(spec.method, [each], ...handlers);
}

/** Everything below a path. */
function below(path: string): PathPattern {
  const pattern = readPath(`${path === "/" ? "" : path}/{rest...}`);
  if (typeof pattern === "string") throw new Error(`a path that was checked is none: ${pattern}`);
  return pattern;
}

function addStatic(app: Hono<GatewayEnv>, { id, spec }: ServerRoutes["statics"][number], parts: AppParts): void {
  const handlers = [...parts.middleware(id, spec.before), staticHandler(spec, parts.ask)];
  app.on(["GET", "HEAD"], [spec.path, `${spec.path === "/" ? "" : spec.path}/*`], ...handlers);
}

/** Every path answers OPTIONS, behind the middleware that comes before, where CORS is. */
function addOptions(
  app: Hono<GatewayEnv>,
  { endpoint, pattern }: Route,
  { parts, routes }: { readonly parts: AppParts; readonly routes: readonly Route[] },
): void {
  const handlers: MiddlewareHandler<GatewayEnv>[] = [
    ...parts.middleware(endpoint.spec.router, endpoint.router.before),
    async (c) => c.body(null, 204, { allow: allowed(routes, c.req.path).join(", ") }),
  ];
  for (const each of spellings(honoPath(pattern).path, endpoint)) app.on("OPTIONS", [each], ...handlers);
}

function fits({ pattern, endpoint: { spec, router } }: Route, path: string): boolean {
  if (matches(pattern, path)) return true;
  return spec.path === "/" && router.prefix !== "" && path === `${router.prefix}/`;
}

/** The methods that a path answers. */
function allowed(routes: readonly Route[], path: string): readonly string[] {
  const found = new Set(routes.filter((route) => fits(route, path)).map((each) => each.endpoint.spec.method));
  if (found.size === 0) return [];
  if (found.has("GET")) found.add("HEAD");
  return [...found.add("OPTIONS")].toSorted();
}
