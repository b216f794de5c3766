import type { IncomingMessage, ServerResponse } from "node:http";
import type { EndpointRoute } from "../hosts/http/routes.ts";
import { inlineBodyBytes } from "../hosts/http/protocol.ts";
import { addressText, clientAddress } from "./client.ts";
import { begin, type AnswerTarget } from "./exchange.ts";
import { observeIncoming, type Observers } from "./operations/observe.ts";
import { fullPath, honoPath, spellings, splitTarget } from "./paths.ts";
import { isWhole, responseOf, send } from "./response.ts";

/** Answers a request through Node alone, if it can; `respond` sends what takes more than that. */
export type Direct = (incoming: IncomingMessage, outgoing: ServerResponse, respond: Respond) => boolean;

/** Sends a response of the web's sort. */
export type Respond = (response: Response) => void;

/** What answering directly takes. */
export interface DirectParts {
  readonly targetOf: (endpoint: EndpointRoute) => AnswerTarget;
  /** Who is told of requests. */
  readonly observers: Observers | undefined;
  /** Paths that others answer before any endpoint. */
  readonly taken: ReadonlySet<string>;
}

/**
 * The endpoints that need nothing of a hono app: no middleware, and a path without names. A path as it came that is
 * theirs to the letter is nobody else's, so the order of routes does not matter.
 */
export function directRoutes(endpoints: readonly EndpointRoute[], { targetOf, observers, taken }: DirectParts): Direct {
  const targets = new Map<string, AnswerTarget>();
  for (const endpoint of endpoints) {
    const { path, names } = honoPath(fullPath(endpoint));
    const { before, after } = endpoint.router;
    if (before.names.length + after.names.length + names.length > 0 || path.includes("%")) continue;
    const target = targetOf(endpoint);
    for (const each of spellings(path, endpoint))
      if (!taken.has(each)) targets.set(`${endpoint.spec.method} ${each}`, target);
  }
  return (incoming, outgoing, respond) => {
    const { url = "", method = "" } = incoming;
    const { path } = splitTarget(url);
    const target = targets.get(`${method} ${path}`);
    if (target === undefined || !isSmall(incoming)) return false;
    const observation = observers && observeIncoming(observers, incoming, path);
    const ended = (status: number): void => observation?.ended(target.endpoint, status);
    if (observation !== undefined) outgoing.setHeader("x-request-id", observation.requestId);
    const exchange = {
      incoming,
      outgoing,
      target,
      path,
      scheme: "encrypted" in incoming.socket ? "https" : "http",
      params: {},
      remoteAddress: addressText(clientAddress(incoming, undefined)),
      trace: observation?.trace,
    } as const;
    begin(exchange, {
      answered: (answer) => {
        ended(answer.head.status);
        if (isWhole(answer)) send(outgoing, answer);
        else respond(responseOf(answer));
      },
      failed: (response) => {
        ended(response.status);
        respond(response);
      },
    });
    return true;
  };
}

/** Whether a request has no body, or one that travels with the call: such a body is read to its end before any answer. */
export function isSmall({ headers }: IncomingMessage): boolean {
  if (headers["transfer-encoding"] !== undefined || headers.upgrade !== undefined) return false;
  return Number(headers["content-length"] ?? 0) <= inlineBodyBytes;
}
