import type { GatewayContext } from "../answer.ts";
import type { Middleware } from "./middleware.ts";

const defaultMethods = ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"];
const defaultHeaders = ["Origin", "Content-Type", "Accept", "Authorization", "X-Requested-With"];
const defaultAgeSeconds = 86_400;

/**
 * Cross-origin requests (https://fetch.spec.whatwg.org/#http-cors-protocol). hono's own answers every OPTIONS request by
 * itself; ours only a preflight of an origin that is allowed, and passes on all else, as routers expect.
 */
export const corsMiddleware: Middleware = {
  name: "cors",
  summary: "Lets pages of other origins ask, and answers their preflights.",
  options: {
    "cors.allow.origins":
      "Origins that may ask, between commas: `https://a.example`, `*.example.com`, or `*`; default `*`.",
    "cors.allow.methods": "Methods that they may use.",
    "cors.allow.headers": "Headers that they may send; `*` takes any.",
    "cors.expose.headers": "Headers of responses that they may read.",
    "cors.allow.credentials": "Whether requests may come with cookies; default false.",
    "cors.max.age": "Seconds for which a browser remembers a preflight; default 86400.",
    "cors.allow.private.network": "Whether pages of the internet may ask a server of a private network; default false.",
  },
  create(options) {
    const mayAsk = originTest(options.list("allow.origins") ?? ["*"]);
    const isAnyone = (options.list("allow.origins") ?? ["*"]).includes("*");
    const withCredentials = options.flag("allow.credentials");
    const exposed = options.list("expose.headers") ?? [];
    const preflight: Preflight = {
      methods: (options.list("allow.methods") ?? defaultMethods).join(", "),
      headers: options.list("allow.headers") ?? defaultHeaders,
      ageSeconds: options.count("max.age") ?? defaultAgeSeconds,
      privateNetwork: options.flag("allow.private.network"),
    };
    return async (c, next) => {
      const origin = c.req.header("origin");
      if (origin === undefined || !mayAsk(origin)) return await next();
      const isPreflight = c.req.method === "OPTIONS" && c.req.header("access-control-request-method") !== undefined;
      if (!isPreflight) await next();
      // With credentials a browser takes no star.
      c.header("access-control-allow-origin", isAnyone && !withCredentials ? "*" : origin);
      if (!isAnyone || withCredentials) c.header("vary", "Origin", { append: true });
      if (withCredentials) c.header("access-control-allow-credentials", "true");
      if (exposed.length > 0) c.header("access-control-expose-headers", exposed.join(", "));
      return isPreflight ? answerPreflight(c, preflight) : undefined;
    };
  },
};

interface Preflight {
  readonly methods: string;
  readonly headers: readonly string[];
  readonly ageSeconds: number;
  readonly privateNetwork: boolean;
}

function answerPreflight(c: GatewayContext, { methods, headers, ageSeconds, privateNetwork }: Preflight): Response {
  const wanted = c.req.header("access-control-request-headers");
  c.header("access-control-allow-methods", methods);
  c.header("access-control-allow-headers", headers.includes("*") && wanted !== undefined ? wanted : headers.join(", "));
  c.header("access-control-max-age", String(ageSeconds));
  if (privateNetwork && c.req.header("access-control-request-private-network") === "true") {
    c.header("access-control-allow-private-network", "true");
  }
  return c.body(null, 204);
}

/** Origins are compared as texts; `*` in one stands for any part of a host name. */
export function originTest(origins: readonly string[]): (origin: string) => boolean {
  if (origins.includes("*")) return () => true;
  const tests = origins.map((pattern) => {
    const star = pattern.indexOf("*");
    if (star < 0) return (origin: string) => origin === pattern;
    const [head, tail] = [pattern.slice(0, star), pattern.slice(star + 1)];
    return (origin: string) => {
      if (origin.length <= head.length + tail.length) return false;
      const host = head.includes("://") ? origin : origin.replace(/^[a-z]+:\/\//, "");
      return (
        host.startsWith(head) &&
        host.endsWith(tail) &&
        !host.slice(head.length, -tail.length || undefined).includes("/")
      );
    };
  });
  return (origin) => tests.some((test) => test(origin));
}
