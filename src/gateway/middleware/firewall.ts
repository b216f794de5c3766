import type { GatewayContext } from "../answer.ts";
import type { Handler, Middleware, MiddlewareWorld } from "./middleware.ts";

/** Lets through who may do something to a resource: 401 for nobody, 403 for who may not. */
function firewall(world: MiddlewareWorld, action: string, resourceOf: (c: GatewayContext) => string): Handler {
  return async (c, next) => {
    const { actor, scope } = c.var;
    if (actor === undefined) return c.json({ error: "authentication required" }, 401);
    const resource = resourceOf(c);
    if (scope === undefined || !world.mayDo({ actor, scope }, action, resource)) {
      return c.json({ error: "access denied", action, resource }, 403);
    }
    return await next();
  };
}

/** Asks for the endpoint itself. */
export const endpointFirewallMiddleware: Middleware = {
  name: "endpoint_firewall",
  summary: "Lets through who may access the endpoint; it belongs under `post_middleware`.",
  options: { "endpoint_firewall.action": "The action that policies are asked for; default `access`." },
  create: (options, world) => firewall(world, options.text("action") ?? "access", (c) => c.var.endpoint ?? c.req.path),
};

/** Asks for a resource that the router names. */
export const resourceFirewallMiddleware: Middleware = {
  name: "resource_firewall",
  summary: "Lets through who may access a resource that the router names.",
  options: {
    "resource_firewall.action": "The action that policies are asked for; default `access`.",
    "resource_firewall.target": "The resource; default: the endpoint's id, or the path where it is not known.",
  },
  create(options, world) {
    const target = options.text("target");
    return firewall(world, options.text("action") ?? "access", (c) => target ?? c.var.endpoint ?? c.req.path);
  },
};
