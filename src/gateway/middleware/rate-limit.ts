import { BurstyRateLimiter, RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { WeftError } from "../../core/errors.ts";
import type { GatewayContext } from "../answer.ts";
import { clientAddress } from "../client.ts";
import type { Middleware } from "./middleware.ts";

const defaultRequests = 100;
const defaultWindowMs = 60_000;
/** Keys come from clients: longer ones are cut, so that none costs more than this. */
const keyLength = 128;

/** How many requests one client may make in a time. */
export const rateLimitMiddleware: Middleware = {
  name: "ratelimit",
  summary: "Refuses clients that ask too often, with 429.",
  options: {
    "ratelimit.requests": `Requests in a window; default ${defaultRequests}.`,
    "ratelimit.window": "How long a window is; default 1m.",
    "ratelimit.burst": "Requests beyond that which are let through once in ten windows; default 0.",
    "ratelimit.key": "Who is one client: `ip` (default), `actor`, `header:NAME` or `query:NAME`.",
  },
  create(options) {
    const requests = options.count("requests") ?? defaultRequests;
    const windowMs = options.durationMs("window") ?? defaultWindowMs;
    const burst = options.count("burst") ?? 0;
    const keyOf = keyReader(options.text("key") ?? "ip");
    const duration = windowMs / 1_000;
    const steady = new RateLimiterMemory({ points: requests, duration });
    const limiter =
      burst === 0
        ? steady
        : new BurstyRateLimiter(
            steady,
            new RateLimiterMemory({ keyPrefix: "burst", points: burst, duration: duration * 10 }),
          );
    return async (c, next) => {
      try {
        await limiter.consume(keyOf(c).slice(0, keyLength));
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused;
        const seconds = Math.max(1, Math.ceil(refused.msBeforeNext / 1_000));
        return c.text("429 too many requests\n", 429, { "retry-after": String(seconds) });
      }
      return await next();
    };
  },
};

function keyReader(text: string): (c: GatewayContext) => string {
  const [what = "", name = ""] = text.split(":", 2);
  if (what === "ip") return (c) => clientAddress(c).address;
  if (what === "actor") return (c) => c.var.actor?.id ?? clientAddress(c).address;
  if (what === "header" && name !== "") return (c) => c.req.header(name) ?? "";
  if (what === "query" && name !== "") return (c) => c.req.query(name) ?? "";
  const message = `ratelimit.key: expected ip, actor, header:NAME or query:NAME, got "${text}"`;
  throw new WeftError("INVALID_ARGUMENT", message);
}
