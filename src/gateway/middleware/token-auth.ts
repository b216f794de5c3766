import { getCookie } from "hono/cookie";
import { WeftError } from "../../core/errors.ts";
import type { Middleware } from "./middleware.ts";

/** Who asks, by a token. It refuses nobody: firewalls do. */
export const tokenAuthMiddleware: Middleware = {
  name: "token_auth",
  summary: "Finds out who asks, by a token of a security.token_store; lets everybody pass.",
  options: {
    "token_auth.store": "Id of the security.token_store.",
    "token_auth.token.store": "Another name of `token_auth.store`.",
    "token_auth.header.name": "The header with the token; default `Authorization`.",
    "token_auth.header.prefix": "What stands before the token there; default `Bearer `.",
    "token_auth.query.param": "The parameter of the query with the token; default `x-auth-token`.",
    "token_auth.cookie.name": "The cookie with the token; default `x-auth-token`.",
  },
  create(options, world) {
    const store = options.text("store") ?? options.text("token.store");
    if (store === undefined)
      throw new WeftError("INVALID_ARGUMENT", "token_auth.store: the id of a security.token_store");
    const header = options.text("header.name") ?? "Authorization";
    const prefix = (options.text("header.prefix") ?? "Bearer ").trim().toLowerCase();
    const query = options.text("query.param") ?? "x-auth-token";
    const cookie = options.text("cookie.name") ?? "x-auth-token";
    return async (c, next) => {
      const token = afterPrefix(c.req.header(header), prefix) ?? c.req.query(query) ?? getCookie(c, cookie);
      if (token !== undefined && token !== "") {
        const who = await world.validateToken(store, token);
        if (who !== undefined) {
          c.set("actor", who.actor);
          c.set("scope", who.scope);
        }
      }
      return await next();
    };
  },
};

/** What follows a prefix and blanks; undefined when the text begins otherwise. */
function afterPrefix(text: string | undefined, prefix: string): string | undefined {
  if (text === undefined) return undefined;
  if (prefix === "") return text.trim();
  const isMeant = text.toLowerCase().startsWith(prefix) && /^\s/.test(text.slice(prefix.length));
  return isMeant ? text.slice(prefix.length).trim() : undefined;
}
