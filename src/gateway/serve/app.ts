import type { HttpBindings } from "@hono/node-server";
import { Hono, type Context } from "hono";
import type { Log } from "../../core/log.ts";
import type { ControlPlane } from "../../runtime/control/control.ts";
import type { Turns } from "../../hosts/http/turns.ts";
import type { Metrics } from "../operations/metrics.ts";
import { observe, type ObservedVariables } from "../operations/observe.ts";
import { addHealth, addMetrics } from "../operations/routes.ts";
import { tooLarge, wholeBody } from "../body.ts";
import { problemAnswer, problemOf, problemResponse, titles } from "../problem.ts";
import { responseOf, type WholeAnswer } from "../response.ts";
import { callFunction, functionOf } from "./call.ts";
import { serveDocument } from "./document.ts";
import { handlerApp } from "./handlers.ts";
import type { Door } from "./input.ts";
import type { ModuleLibrary } from "./library.ts";
import { listing } from "./listing.ts";
import type { ServedFunction } from "./module.ts";

/** The paths at which functions are called, as hono writes them. */
export const routes = { execute: "/execute/:file{.+}", call: "/call/:namespace/:name{.+}" } as const;

/** What hono carries through the app. */
export interface ServeEnv {
  readonly Bindings: HttpBindings | undefined;
  readonly Variables: ObservedVariables;
}

/** What the app is made of. */
export interface ServeParts {
  readonly library: ModuleLibrary;
  readonly control: Pick<ControlPlane, "dispatcher" | "find" | "services" | "stats">;
  readonly bodyBytes: number;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly turns: Turns;
  /** It takes no more requests: those who balance loads should look elsewhere. */
  readonly isStopping: () => boolean;
}

/** Makes the app that calls the modules of a folder. */
export function createServeApp(parts: ServeParts): Hono<ServeEnv> {
  const { library, control, log, metrics, isStopping } = parts;
  const app = new Hono<ServeEnv>();
  app.use(observe<ServeEnv>({ log, metrics }));
  addHealth(app, {
    stats: () => control.stats,
    notReady: () => (isStopping() ? "it is stopping" : undefined),
  });
  addMetrics(app, metrics);
  app.get("/functions", (c) => c.json(listing(library)));
  const document = remembered(library);
  app.get("/openapi.json", (c) => c.json(document()));
  const call = async (c: Context<ServeEnv>, fn: ServedFunction, door: Door): Promise<Response> => {
    const request = {
      encoding: c.req.header("content-encoding"),
      body: () => bodyOf(c, parts.bodyBytes),
      words: c.req.queries("arg") ?? [],
      trace: c.var.trace,
      outgoing: c.env?.outgoing,
    };
    return responseOf(await callFunction(request, { fn, door }, parts));
  };
  app.post(routes.execute, async (c) => {
    const module = library.file(c.req.param("file"));
    return await call(c, functionOf(module, c.req.query("func")), "execute");
  });
  app.post(routes.call, async (c) => {
    const module = library.namespace(c.req.param("namespace"));
    return await call(c, functionOf(module, c.req.param("name")), "call");
  });
  app.route("/", handlerApp(parts));
  for (const path of ["/functions", "/openapi.json", "/healthz", "/readyz", "/metrics"]) {
    app.all(path, () => wrongMethod(["GET", "HEAD"]));
  }
  app.all(routes.execute, () => wrongMethod(["POST"]));
  app.all(routes.call, () => wrongMethod(["POST"]));
  app.notFound((c) => problemResponse(notFound(`there is nothing at ${c.req.path}; GET /functions lists what is`)));
  app.onError((error) => responseOf(failureAnswer(error, log)));
  return app;
}

/** What a client is told of a request that failed; a bug's own words are for the log. */
export function failureAnswer(error: unknown, log: Log): WholeAnswer {
  const problem = problemOf(error);
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  if (problem.code === "INTERNAL") log.error("a request failed", { error: message, stack });
  return problemAnswer(problem);
}

/** The document, made anew when the modules change. */
function remembered(library: ModuleLibrary): () => object {
  let made: { readonly version: number; readonly document: object } | undefined;
  return () => {
    if (made?.version !== library.version) made = { version: library.version, document: serveDocument(library) };
    return made.document;
  };
}

/** The whole body. Straight from Node where there is a server: a web stream costs more than the call. */
async function bodyOf(c: Context<ServeEnv>, limitBytes: number): Promise<Uint8Array> {
  const incoming = c.env?.incoming;
  if (incoming !== undefined) return await wholeBody(incoming, limitBytes);
  const body = new Uint8Array(await c.req.arrayBuffer());
  if (body.length > limitBytes) throw tooLarge(limitBytes);
  return body;
}

function wrongMethod(methods: readonly string[]): Response {
  const allow = methods.join(", ");
  const detail = `this path answers ${allow}`;
  return problemResponse({
    status: 405,
    title: titles[405] ?? "",
    detail,
    code: "METHOD_NOT_ALLOWED",
    headers: { allow },
  });
}

function notFound(detail: string): Parameters<typeof problemResponse>[0] {
  return { status: 404, title: titles[404] ?? "", detail, code: "ENTRY_NOT_FOUND" };
}
