import { toWeftError } from "../../core/errors.ts";
import { silentLog } from "../../core/log.ts";
import type { MiddlewareList } from "../../hosts/http/routes.ts";
import { compressMiddleware } from "./compress.ts";
import { corsMiddleware } from "./cors.ts";
import { endpointFirewallMiddleware, resourceFirewallMiddleware } from "./firewall.ts";
import { metricsMiddleware } from "./metrics.ts";
import type { Handler, Middleware, MiddlewareWorld } from "./middleware.ts";
import { MiddlewareOptions, optionSpellings } from "./options.ts";
import { rateLimitMiddleware } from "./rate-limit.ts";
import { realIpMiddleware } from "./real-ip.ts";
import { requestIdMiddleware } from "./request-id.ts";
import { sendfileMiddleware } from "./sendfile.ts";
import { sseRelayMiddleware } from "./sse-relay.ts";
import { tokenAuthMiddleware } from "./token-auth.ts";
import { websocketRelayMiddleware } from "./websocket-relay.ts";

/** Everything that `middleware` and `post_middleware` of routers can name. */
export const middlewares: readonly Middleware[] = [
  corsMiddleware,
  rateLimitMiddleware,
  compressMiddleware,
  realIpMiddleware,
  tokenAuthMiddleware,
  endpointFirewallMiddleware,
  resourceFirewallMiddleware,
  requestIdMiddleware,
  metricsMiddleware,
  sendfileMiddleware,
  websocketRelayMiddleware,
  sseRelayMiddleware,
];

const byName = new Map(middlewares.map((each) => [each.name, each]));

/** The handlers of a chain. @throws WeftError `INVALID_ARGUMENT` for an option that is none. */
export function handlersOf({ names, options }: MiddlewareList, world: MiddlewareWorld): readonly Handler[] {
  return names.flatMap((name) => {
    const middleware = byName.get(name);
    return middleware?.create(new MiddlewareOptions(middleware.prefix ?? name, options), world) ?? [];
  });
}

/** What is wrong with the options of a middleware, undefined when nothing is. */
export function optionProblem(name: string, options: Readonly<Record<string, string>>): string | undefined {
  try {
    handlersOf({ names: [name], options }, nowhere);
    return undefined;
  } catch (error) {
    return toWeftError(error).message;
  }
}

/** Every name under which the middleware of a chain can be given an option; the first of each is how it is written. */
export function knownOptions(names: readonly string[]): readonly (readonly string[])[] {
  return names.flatMap((name) => {
    const { prefix = name, options = {} } = byName.get(name) ?? {};
    return Object.keys(options).map((option) => optionSpellings(prefix, option.slice(prefix.length + 1)));
  });
}

/** Where handlers are made only to see whether they can be. */
const nowhere: MiddlewareWorld = {
  log: silentLog,
  mayDo: () => false,
  validateToken: () => Promise.resolve(undefined),
  correspond: () => {
    throw new Error("nobody asks while options are checked");
  },
  onStop: () => ({ [Symbol.dispose]: () => undefined }),
  folderOf: () => Promise.resolve(""),
  count: () => undefined,
};
