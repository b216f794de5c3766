import { isSmall, type Direct } from "../direct.ts";
import { wholeBody } from "../body.ts";
import { noRoute, observeIncoming } from "../operations/observe.ts";
import { splitTarget } from "../paths.ts";
import { send, type WholeAnswer } from "../response.ts";
import { failureAnswer, routes, type ServeParts } from "./app.ts";
import { callFunction, functionOf } from "./call.ts";
import type { Door } from "./input.ts";
import type { ModuleLibrary } from "./library.ts";
import type { ServedFunction } from "./module.ts";

/** A function and the door through which it is called. */
interface Called {
  readonly fn: ServedFunction;
  readonly door: Door;
}

/** So many paths are remembered: anybody can write more. */
const mostPaths = 1_000;

/** Calls functions through Node alone; whatever is no call of a function that is there is left to the app. */
export function serveDirect(parts: ServeParts): Direct {
  const { library, log, metrics, bodyBytes } = parts;
  const find = remembering(library);
  return (incoming, outgoing) => {
    const { url = "", method = "", headers } = incoming;
    if (method !== "POST" || !isSmall(incoming)) return false;
    const { path, query } = splitTarget(url);
    const words = query === undefined ? undefined : new URLSearchParams(query);
    const called = find(path, words?.get("func") ?? undefined);
    if (called === undefined) return false;
    const observation = observeIncoming({ log, metrics }, incoming, path);
    const answered = ({ head: { status, headers: pairs }, body }: WholeAnswer): void => {
      observation.ended(status === 404 ? noRoute : routes[called.door], status);
      send(outgoing, { head: { status, headers: [...pairs, "x-request-id", observation.requestId] }, body });
    };
    const request = {
      encoding: headers["content-encoding"],
      body: () => wholeBody(incoming, bodyBytes),
      words: words?.getAll("arg") ?? [],
      trace: observation.trace,
      outgoing,
    };
    callFunction(request, called, parts)
      .then(answered, (error: unknown) => answered(failureAnswer(error, log)))
      .catch((error: unknown) => {
        log.error("a response could not be sent", { path, error: String(error) });
        outgoing.destroy();
      });
    return true;
  };
}

/** Finds functions by the paths of requests, and remembers them until the modules change. */
function remembering(library: ModuleLibrary): (path: string, wanted: string | undefined) => Called | undefined {
  let found = new Map<string, Called>();
  let version = library.version;
  return (path, wanted) => {
    if (version !== library.version || found.size >= mostPaths) found = new Map();
    version = library.version;
    const key = wanted === undefined ? path : `${path}?${wanted}`;
    const known = found.get(key);
    if (known !== undefined) return known;
    const called = calledAt(library, path, wanted);
    if (called !== undefined) found.set(key, called);
    return called;
  };
}

function calledAt(library: ModuleLibrary, path: string, wanted: string | undefined): Called | undefined {
  const [, file] = /^\/execute\/([^%]+)$/.exec(path) ?? [];
  const [, namespace, name] = /^\/call\/([^%/]+)\/([^%]+)$/.exec(path) ?? [];
  try {
    if (file !== undefined) return { fn: functionOf(library.file(file), wanted), door: "execute" };
    if (namespace !== undefined) return { fn: functionOf(library.namespace(namespace), name), door: "call" };
  } catch {
    // The app says what is wrong.
  }
  return undefined;
}
