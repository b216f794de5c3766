import { WeftError } from "../../core/errors.ts";
import type { GatewayContext } from "../answer.ts";
import { clientAddress } from "../client.ts";
import { loadedLater } from "./later.ts";
import type { Handler, Middleware } from "./middleware.ts";

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
    "ratelimit.cleanup_interval": "Accepted for other runtimes; no effect.",
    "ratelimit.entry_ttl": "Accepted for other runtimes; no effect.",
    "ratelimit.max_entries": "Accepted for other runtimes; no effect.",
    "ratelimit.key": "Who is one client: `ip` (default), `actor`, `header:NAME` or `query:NAME`.",
  },
  create(options) {
    const requests = options.count("requests") ?? defaultRequests;
    const windowMs = options.durationMs("window") ?? defaultWindowMs;
    const burst = options.count("burst") ?? 0;
    const keyOf = keyReader(options.text("key") ?? "ip");
    const limit = { requests, burst, seconds: windowMs / 1_000 };
    return loadedLater(async () => limiting(await makeLimiter(limit), keyOf, requests));
  },
};

interface Limit {
  readonly requests: number;
  readonly burst: number;
  readonly seconds: number;
}

/** Counts a request of a key; rejects when there are too many. */
type Consume = (key: string) => Promise<unknown>;

async function makeLimiter({ requests, burst, seconds }: Limit): Promise<Consume> {
  const { BurstyRateLimiter, RateLimiterMemory } = await import("rate-limiter-flexible");
  const steady = new RateLimiterMemory({ points: requests, duration: seconds });
  if (burst === 0) return (key) => steady.consume(key);
  const more = new RateLimiterMemory({ keyPrefix: "burst", points: burst, duration: seconds * 10 });
  const both = new BurstyRateLimiter(steady, more);
  return (key) => both.consume(key);
}

function limiting(consume: Consume, keyOf: (c: GatewayContext) => string, requests: number): Handler {
  return async (c, next) => {
    try {
      await consume(keyOf(c).slice(0, keyLength));
    } catch (refused) {
      const waitMs = waitOf(refused);
      if (waitMs === undefined) throw refused;
      const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
      return c.text("429 too many requests\n", 429, {
        "retry-after": String(seconds),
        "x-ratelimit-limit": String(requests),
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": String(Math.ceil((Date.now() + waitMs) / 1_000)),
      });
    }
    return await next();
  };
}

/** How long a refused client is to wait; undefined when it was no refusal. */
function waitOf(refused: unknown): number | undefined {
  if (typeof refused !== "object" || refused === null || !("msBeforeNext" in refused)) return undefined;
  return typeof refused.msBeforeNext === "number" ? refused.msBeforeNext : undefined;
}

function keyReader(text: string): (c: GatewayContext) => string {
  const [what = "", name = ""] = text.split(":", 2);
  if (what === "ip") return (c) => clientAddress(c.env.incoming, c.var.clientAddress).address;
  if (what === "actor") return (c) => c.var.actor?.id ?? clientAddress(c.env.incoming, c.var.clientAddress).address;
  if (what === "header" && name !== "") return (c) => c.req.header(name) ?? "";
  if (what === "query" && name !== "") return (c) => c.req.query(name) ?? "";
  const message = `ratelimit.key: expected ip, actor, header:NAME or query:NAME, got "${text}"`;
  throw new WeftError("INVALID_ARGUMENT", message);
}
