import type { HttpBindings } from "@hono/node-server";
import { Hono, type Context } from "hono";
import { canceled, Cancellation } from "../../core/cancellation.ts";
import { rootContext } from "../../core/context.ts";
import { WeftError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { findMethod } from "../../engine/wasm/method.ts";
import type { ControlPlane } from "../../runtime/control/control.ts";
import type { Metrics } from "../operations/metrics.ts";
import { observe, type ObservedVariables } from "../operations/observe.ts";
import { addHealth, addMetrics } from "../operations/routes.ts";
import { tooLarge, wholeBody } from "../body.ts";
import { problemOf, problemResponse, titles } from "../problem.ts";
import { serveDocument } from "./document.ts";
import { argumentsOf, type Door } from "./input.ts";
import type { ModuleLibrary } from "./library.ts";
import { listing } from "./listing.ts";
import { handlerApp, handlerPath } from "./handlers.ts";
import type { ServedFunction, ServedModule } from "./module.ts";
import { responseOf } from "./output.ts";
import { Turns } from "../../hosts/http/turns.ts";

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
  /** It takes no more requests: those who balance loads should look elsewhere. */
  readonly isStopping: () => boolean;
}

/** What calls are made with. */
interface Calling extends ServeParts {
  readonly turns: Turns;
}

/** The function that is called when a request names none: what plain plugins have always called it. */
const usualName = "greet";

/** Makes the app that calls the modules of a folder. */
export function createServeApp(parts: ServeParts): Hono<ServeEnv> {
  const { library, control, log, metrics, isStopping } = parts;
  const calling: Calling = { ...parts, turns: new Turns() };
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
  app.post("/execute/:file{.+}", async (c) => {
    const module = library.file(c.req.param("file"));
    return await call(c, functionOf(module, c.req.query("func")), "execute", calling);
  });
  app.post("/call/:namespace/:name{.+}", async (c) => {
    const module = library.namespace(c.req.param("namespace"));
    return await call(c, functionOf(module, c.req.param("name")), "call", calling);
  });
  app.route("/", handlerApp(parts));
  for (const path of ["/functions", "/openapi.json", "/healthz", "/readyz", "/metrics"]) {
    app.all(path, () => wrongMethod(["GET", "HEAD"]));
  }
  app.all("/execute/:file{.+}", () => wrongMethod(["POST"]));
  app.all("/call/:namespace/:name{.+}", () => wrongMethod(["POST"]));
  app.notFound((c) => problemResponse(notFound(`there is nothing at ${c.req.path}; GET /functions lists what is`)));
  app.onError((error) => {
    const problem = problemOf(error);
    if (problem.code === "INTERNAL") log.error("a request failed", { error: error.message, stack: error.stack });
    return problemResponse(problem);
  });
  return app;
}

/** The document, made anew when the modules change. */
function remembered(library: ModuleLibrary): () => object {
  let made: { readonly version: number; readonly document: object } | undefined;
  return () => {
    if (made?.version !== library.version) made = { version: library.version, document: serveDocument(library) };
    return made.document;
  };
}

function functionOf(module: ServedModule, wanted: string | undefined): ServedFunction {
  const { file } = module;
  const functions = module.functions.filter(({ style }) => style !== "requests");
  if (functions.length === 0) {
    throw new WeftError("METHOD_NOT_FOUND", `${file} answers requests itself: send them to ${handlerPath(file)}`);
  }
  const [only] = functions;
  if (wanted === undefined || wanted === "") {
    const usual =
      functions.find(({ name }) => name === usualName) ?? functions.find(({ style }) => style === "command");
    if (usual !== undefined) return usual;
    if (functions.length === 1 && only !== undefined) return only;
    const names = functions.map(({ name }) => name).join(", ");
    throw new WeftError("INVALID_ARGUMENT", `say which function with ?func=NAME: ${file} has ${names}`);
  }
  const byId = functions.find(({ id }) => id.slice(id.indexOf(":") + 1) === wanted);
  if (byId !== undefined) return byId;
  const names = functions.map(({ name }) => name);
  const name = findMethod({ name: file, method: wanted }, names);
  return functions[names.indexOf(name)] ?? notThere(file, wanted);
}

function notThere(file: string, name: string): never {
  throw new WeftError("METHOD_NOT_FOUND", `${file} has no function ${name}`);
}

/** Calls a function with what a request brings; the call ends when the client goes away. */
async function call(
  c: Context<ServeEnv>,
  fn: ServedFunction,
  door: Door,
  { control, log, bodyBytes, turns }: Calling,
): Promise<Response> {
  const encoding = c.req.header("content-encoding") ?? "identity";
  if (encoding !== "identity") return unknownEncoding(encoding);
  const body = await bodyOf(c, bodyBytes);
  const args = argumentsOf(fn, { body, words: c.req.queries("arg") ?? [] }, door);
  const cancellation = new Cancellation();
  const outgoing = c.env?.outgoing;
  outgoing?.once("close", () => {
    if (!outgoing.writableFinished) cancellation.cancel(canceled("the client is gone"));
  });
  const value = await turns.run(() => {
    cancellation.throwIfCanceled();
    // Looked up now: while the body came, the file may have changed.
    const read = control.find(fn.id)?.readArguments(args);
    if (read === undefined) throw new WeftError("ENTRY_NOT_FOUND", `${fn.id} went away`);
    const context = rootContext({ cancellation, trace: c.var.trace });
    return control.dispatcher.call({ id: fn.id, args: read, checked: true, context });
  });
  if (fn.style === "command") logErrors(fn, value, log);
  return responseOf(fn, value, door);
}

/** What a command says beside its result is for whoever runs the server. */
function logErrors({ id }: ServedFunction, value: unknown, log: Log): void {
  if (typeof value !== "object" || value === null || !("stderr" in value) || !(value.stderr instanceof Uint8Array))
    return;
  const text = new TextDecoder().decode(value.stderr.subarray(0, 8_192)).trimEnd();
  if (text !== "") log.info(text, { id, stream: "stderr" });
}

/** The whole body. Straight from Node where there is a server: a web stream costs more than the call. */
async function bodyOf(c: Context<ServeEnv>, limitBytes: number): Promise<Uint8Array> {
  const incoming = c.env?.incoming;
  if (incoming !== undefined) return await wholeBody(incoming, limitBytes);
  const body = new Uint8Array(await c.req.arrayBuffer());
  if (body.length > limitBytes) throw tooLarge(limitBytes);
  return body;
}

function unknownEncoding(encoding: string): Response {
  const detail = `bodies come as they are, not encoded as ${encoding}`;
  const headers = { "accept-encoding": "identity" };
  return problemResponse({ status: 415, title: titles[415] ?? "", detail, code: "UNSUPPORTED", headers });
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
