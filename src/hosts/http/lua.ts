import { parseDurationMs } from "../../core/durations.ts";
import { WeftError } from "../../core/errors.ts";
import type { Value } from "../../core/values.ts";
import type { LuaCall } from "../../engine/lua/call.ts";
import type { LuaModule } from "../../engine/lua/module.ts";
import type { InstanceContext } from "../context.ts";
import { bodyStreamClass } from "./body-stream.ts";
import { httpConstants } from "./constants.ts";
import type { HttpExchange } from "./exchange.ts";
import { HttpRequestObject, multipartFileClass, requestClass } from "./lua-request.ts";
import { HttpResponseObject, responseClass } from "./lua-response.ts";

type Call = LuaCall<InstanceContext>;

const defaultBodyBytes = 120 * 1024 * 1024;

function exchangeOf(call: Call): HttpExchange {
  const { exchange } = call.host;
  if (exchange !== undefined) return exchange;
  throw new WeftError("NO_REQUEST", `${call.host.id} was not called by an http.endpoint: there is no request`);
}

function request(call: Call): HttpRequestObject {
  const { timeout, max_body: maxBody } = call.record(1);
  return new HttpRequestObject(exchangeOf(call), {
    maxBody: typeof maxBody === "number" ? maxBody : defaultBodyBytes,
    timeoutMs: readTimeout(timeout),
  });
}

/** Milliseconds, or a duration such as "5s". */
function readTimeout(value: Value | undefined): number | undefined {
  if (value === undefined || value === null) return undefined;
  const ms = typeof value === "string" ? parseDurationMs(value) : value;
  if (typeof ms === "number" && ms > 0) return ms;
  throw new WeftError("INVALID_ARGUMENT", "timeout: expected milliseconds, or a duration such as 5s");
}

function response(call: Call): HttpResponseObject {
  const exchange = exchangeOf(call);
  const known = exchange.face;
  if (known instanceof HttpResponseObject) return known;
  // One for each exchange: how it goes is said once.
  const made = new HttpResponseObject(exchange);
  exchange.face = made;
  return made;
}

/** The request that a function answers, and its response. */
export const httpModule: LuaModule<InstanceContext> = {
  name: "http",
  always: false,
  classes: [requestClass, responseClass, bodyStreamClass, multipartFileClass],
  table: { request, response, ...httpConstants },
};
