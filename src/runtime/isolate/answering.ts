import type { HttpRequest } from "../../core/http.ts";
import type { Value } from "../../core/values.ts";
import { HttpExchange } from "../../hosts/http/exchange.ts";
import type { ServicePort } from "../../hosts/ports.ts";

/** Runs a program that answers a request: its call comes to the response. */
export function answering(
  parts: { readonly request: HttpRequest; readonly services: ServicePort },
  run: (exchange: HttpExchange) => Value | Promise<Value>,
): Value | Promise<Value> {
  const exchange = new HttpExchange(parts);
  const result = run(exchange);
  return result instanceof Promise ? result.then((value) => exchange.finish(value)) : exchange.finish(result);
}
