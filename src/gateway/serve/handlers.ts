import { Hono } from "hono";
import { WeftError } from "../../core/errors.ts";
import { answer, type GatewayContext, type GatewayEnv } from "../answer.ts";
import type { AnswerTarget } from "../exchange.ts";
import { problemOf, problemResponse } from "../problem.ts";
import type { ControlPlane } from "../../runtime/control/control.ts";
import type { Log } from "../../core/log.ts";
import type { ModuleLibrary } from "./library.ts";
import type { ServedFunction, ServedModule } from "./module.ts";

const mount = "/handle/";

/** What requests to components need. */
export interface HandlerParts {
  readonly library: ModuleLibrary;
  readonly control: Pick<ControlPlane, "services">;
  readonly bodyBytes: number;
  readonly log: Log;
}

/** Where the component of a file answers requests, and everything below it. */
export function handlerPath(file: string): string {
  return `${mount}${file.split("/").map(encodeURIComponent).join("/")}/`;
}

/** What of a module answers requests itself. */
export function handlerOf({ functions }: ServedModule): ServedFunction | undefined {
  return functions.find(({ style }) => style === "requests");
}

/** The requests that components answer themselves: what follows `/handle/FILE` is the path that they see. */
export function handlerApp({ library, control, log, bodyBytes }: HandlerParts): Hono<GatewayEnv> {
  const app = new Hono<GatewayEnv>();
  app.all(`${mount}*`, async (c) => {
    const { id, rest } = find(library, c);
    const target: AnswerTarget = {
      http: control.services.http,
      log,
      endpoint: id,
      func: id,
      names: [],
      bodyBytes,
      rest,
      failed: (error) => problemResponse(problemOf(error)),
    };
    return await answer(c, target);
  });
  return app;
}

/** The handler of the longest path that is a file's, and what follows that. @throws WeftError `ENTRY_NOT_FOUND`, `ENTRY_FAILED`. */
function find(library: ModuleLibrary, c: GatewayContext): { readonly id: ServedFunction["id"]; readonly rest: string } {
  // As the router saw it: without dot segments.
  const whole = c.req.url.slice(c.req.url.indexOf("/", c.req.url.indexOf("//") + 2) + mount.length);
  const mark = whole.search(/[?#]/);
  const path = mark < 0 ? whole : whole.slice(0, mark);
  const { module, length } = library.below(path.split("/").map(decoded));
  const at = path.split("/").slice(0, length).join("/").length;
  const fn = handlerOf(module);
  if (fn === undefined) throw new WeftError("METHOD_NOT_FOUND", `${module.file} answers no requests itself`);
  const rest = whole.slice(at);
  return { id: fn.id, rest: rest.startsWith("/") ? rest : `/${rest}` };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
