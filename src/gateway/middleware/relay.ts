import { toWeftError, WeftError } from "../../core/errors.ts";
import type { GatewayContext } from "../answer.ts";
import { failureResponse } from "../failures.ts";
import { readRelayHeader, type RelaySettings } from "../relay/settings.ts";
import { originTest } from "./cors.ts";
import type { Handler, MiddlewareWorld } from "./middleware.ts";
import type { MiddlewareOptions } from "./options.ts";

/** What one way of giving connections to processes is. */
export interface RelayWay {
  /** The header of a response that asks for it. */
  readonly header: string;
  readonly defaults: RelaySettings;
  /** Whether a request can be for nothing else: pages of other origins are refused before anything runs for it. */
  readonly isHandshake: (c: GatewayContext) => boolean;
  /** Whether a request is one whose connection can be given away so. */
  readonly fits: (c: GatewayContext) => boolean;
  /** Gives it away. @throws WeftError. */
  readonly give: (c: GatewayContext, settings: RelaySettings) => Response | Promise<Response>;
  /** What a client is told whose request does not fit. */
  readonly misfit: () => Response;
}

const foreign = "403 origin not allowed\n";

/** Has responses with a header become connections that a process has. */
export function relaying(way: RelayWay, options: MiddlewareOptions, world: MiddlewareWorld): Handler {
  const origins = options.list("allowed.origins");
  const mayAsk = origins === undefined ? isSameOrigin : originTest(origins);
  // Browsers let any page open such connections, with the cookies of whoever looks at it.
  const isForeign = (c: GatewayContext): boolean => {
    const origin = c.req.header("origin");
    return origin !== undefined && !mayAsk(origin, c);
  };
  return async (c, next) => {
    if (way.isHandshake(c) && isForeign(c)) return c.text(foreign, 403);
    await next();
    const answered = c.res;
    const header = answered.headers.get(way.header);
    if (header === null) return undefined;
    answered.headers.delete(way.header);
    if (!answered.ok) return undefined;
    await answered.body?.cancel();
    // Hono adds the headers of what was there to what comes.
    c.res = undefined;
    if (isForeign(c)) c.res = new Response(foreign, { status: 403 });
    else c.res = way.fits(c) ? await given(way, { c, header, world }) : way.misfit();
    return undefined;
  };
}

interface Asked {
  readonly c: GatewayContext;
  readonly header: string;
  readonly world: MiddlewareWorld;
}

async function given(way: RelayWay, { c, header, world }: Asked): Promise<Response> {
  try {
    const settings = readRelayHeader(header, way.defaults);
    checkTarget(c, settings, world);
    return await way.give(c, settings);
  } catch (error) {
    const { code, message } = toWeftError(error);
    world.log.error("a connection could not be given to a process", { endpoint: c.var.endpoint, error: message });
    if (code === "PERMISSION_DENIED") return c.text(`${message}\n`, 403);
    // One that is started again may be there soon.
    if (code === "PROCESS_NOT_FOUND") return c.text(`${message}\n`, 503, { "retry-after": "1" });
    return failureResponse(error);
  }
}

/** Who may not write to a process may not have others write to it. @throws WeftError `PERMISSION_DENIED`. */
function checkTarget(c: GatewayContext, { target }: RelaySettings, world: MiddlewareWorld): void {
  const { actor, scope } = c.var;
  if (target === undefined || actor === undefined || scope === undefined) return;
  if (world.mayDo({ actor, scope }, "process.send", target)) return;
  throw new WeftError("PERMISSION_DENIED", `not allowed: process.send on ${target} for ${actor.id}`);
}

function isSameOrigin(origin: string, c: GatewayContext): boolean {
  return URL.parse(origin)?.host === c.req.header("host")?.toLowerCase();
}
