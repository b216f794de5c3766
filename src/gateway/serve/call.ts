import type { ServerResponse } from "node:http";
import { canceled, Cancellation } from "../../core/cancellation.ts";
import { rootContext, type Trace } from "../../core/context.ts";
import { WeftError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { findMethod } from "../../engine/wasm/method.ts";
import type { Turns } from "../../hosts/http/turns.ts";
import type { ControlPlane } from "../../runtime/control/control.ts";
import { problemAnswer, titles } from "../problem.ts";
import type { WholeAnswer } from "../response.ts";
import { handlerPath } from "./handlers.ts";
import { argumentsOf, type Door } from "./input.ts";
import type { ServedFunction, ServedModule } from "./module.ts";
import { answerOf } from "./output.ts";

/** What calls are made with. */
export interface Calling {
  readonly control: Pick<ControlPlane, "dispatcher" | "find">;
  readonly log: Log;
  readonly turns: Turns;
}

/** What a request brings for a function. */
export interface ServeRequest {
  /** Its content encoding. */
  readonly encoding: string | undefined;
  /** Reads its body. @throws WeftError `BODY_TOO_LARGE`. */
  readonly body: () => Promise<Uint8Array>;
  /** Values of the query parameter `arg`, in their order. */
  readonly words: readonly string[];
  readonly trace: Trace | undefined;
  /** Node's own response, where there is a server. */
  readonly outgoing: ServerResponse | undefined;
}

/** The function that is called when a request names none: what plain plugins have always called it. */
const usualName = "greet";

/** The function of a module that a request names, or means. @throws WeftError `METHOD_NOT_FOUND`, `INVALID_ARGUMENT`. */
export function functionOf(module: ServedModule, wanted: string | undefined): ServedFunction {
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

/** Calls a function with what a request brings; the call ends when the client goes away. @throws WeftError. */
export async function callFunction(
  request: ServeRequest,
  { fn, door }: { readonly fn: ServedFunction; readonly door: Door },
  { control, log, turns }: Calling,
): Promise<WholeAnswer> {
  const { encoding = "identity", words, trace, outgoing } = request;
  if (encoding !== "identity") return unknownEncoding(encoding);
  const args = argumentsOf(fn, { body: await request.body(), words }, door);
  const cancellation = new Cancellation();
  outgoing?.on("close", () => {
    if (!outgoing.writableFinished) cancellation.cancel(canceled("the client is gone"));
  });
  const value = await turns.run(() => {
    cancellation.throwIfCanceled();
    // Looked up now: while the body came, the file may have changed.
    const read = control.find(fn.id)?.readArguments(args);
    if (read === undefined) throw new WeftError("ENTRY_NOT_FOUND", `${fn.id} went away`);
    const context = rootContext({ cancellation, trace });
    return control.dispatcher.call({ id: fn.id, args: read, checked: true, context });
  });
  if (fn.style === "command") logErrors(fn, value, log);
  return answerOf(fn, value, door);
}

/** What a command says beside its result is for whoever runs the server. */
function logErrors({ id }: ServedFunction, value: unknown, log: Log): void {
  if (typeof value !== "object" || value === null || !("stderr" in value) || !(value.stderr instanceof Uint8Array))
    return;
  const text = new TextDecoder().decode(value.stderr.subarray(0, 8_192)).trimEnd();
  if (text !== "") log.info(text, { id, stream: "stderr" });
}

function unknownEncoding(encoding: string): WholeAnswer {
  const detail = `bodies come as they are, not encoded as ${encoding}`;
  const headers = { "accept-encoding": "identity" };
  return problemAnswer({ status: 415, title: titles[415] ?? "", detail, code: "UNSUPPORTED", headers });
}
