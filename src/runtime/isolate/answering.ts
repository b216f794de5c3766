import { toWeftError } from "../../core/errors.ts";
import type { HttpRequest } from "../../core/http.ts";
import type { Value } from "../../core/values.ts";
import { HttpExchange } from "../../hosts/http/exchange.ts";
import { typedArguments } from "../../hosts/http/typed-request.ts";
import { refusal, typedResponse, type TypedResponse } from "../../hosts/http/typed-response.ts";
import type { ServicePort } from "../../hosts/ports.ts";
import type { Placed } from "../placed.ts";

/** A program that answers a request. */
export interface Answering {
  readonly request: HttpRequest;
  readonly services: ServicePort;
  readonly placed: Placed;
  readonly args: readonly Value[];
}

type Run = (exchange: HttpExchange, args: readonly Value[]) => Value | Promise<Value>;

/** Runs a program that answers a request: its call comes to the response. */
export function answering({ placed, args, ...parts }: Answering, run: Run): Value | Promise<Value> {
  const exchange = new HttpExchange(parts);
  if (placed.placement.transport === "wasi-http" && args.length === 0) {
    return andThen(exchange.body(Infinity), (body) => answerTyped(exchange, placed, { body, run }));
  }
  return andThen(run(exchange, args), (value) => exchange.finish(value));
}

/** The request is the arguments, and the result the response. */
function answerTyped(
  exchange: HttpExchange,
  placed: Placed,
  { body, run }: { readonly body: Uint8Array; readonly run: Run },
): Value | Promise<Value> {
  const { signature } = placed.placement;
  const { request } = exchange;
  let args: readonly Value[];
  try {
    args = placed.readArguments(typedArguments(placed.placement, request, body));
  } catch (thrown) {
    if (toWeftError(thrown).kind !== "Invalid") throw thrown;
    return respond(exchange, refusal(signature, thrown, request));
  }
  const answer = (value: Value): Value | Promise<Value> => respond(exchange, typedResponse(signature, value, request));
  return signature === undefined
    ? answerPlain(exchange, () => run(exchange, args), answer)
    : andThen(run(exchange, args), answer);
}

/** Of a function without a signature only the engine knows what it takes: what it refuses is the client's mistake, too. */
async function answerPlain(
  exchange: HttpExchange,
  run: () => Value | Promise<Value>,
  answer: (value: Value) => Value | Promise<Value>,
): Promise<Value> {
  let value: Value;
  try {
    value = await run();
  } catch (thrown) {
    if (toWeftError(thrown).code !== "INVALID_ARGUMENT") throw thrown;
    return await respond(exchange, refusal(undefined, thrown, exchange.request));
  }
  return await answer(value);
}

function respond(exchange: HttpExchange, { status, contentType, body }: TypedResponse): Value | Promise<Value> {
  exchange.status = status;
  if (contentType !== undefined) exchange.headers.set("content-type", contentType);
  if (typeof body === "string") return exchange.finishText(body);
  const written = exchange.write(body);
  return written instanceof Promise ? written.then(() => exchange.finish(null)) : exchange.finish(null);
}

/** Goes on at once with what is there, later with what is not. */
function andThen<T>(value: T | Promise<T>, then: (value: T) => Value | Promise<Value>): Value | Promise<Value> {
  return value instanceof Promise ? value.then(then) : then(value);
}
