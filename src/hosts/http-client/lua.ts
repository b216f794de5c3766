import type { IncomingHttpHeaders } from "node:http";
import { WeftError } from "../../core/errors.ts";
import type { Value } from "../../core/values.ts";
import { results, type LuaCall, type Returned } from "../../engine/lua/call.ts";
import type { LuaClass, LuaModule } from "../../engine/lua/module.ts";
import type { Task } from "../../engine/lua/tasks/task.ts";
import type { InstanceContext } from "../context.ts";
import { Scanner, scannerClass, scanUnit } from "../io/scanner.ts";
import type { Reach } from "./connect.ts";
import { requestsInFlight } from "./limits.ts";
import { readWhole, ResponseStream } from "./lua-body.ts";
import { fetchHead, type Fetched } from "./lua-fetch.ts";
import { readOptions, type Wanted } from "./lua-options.ts";
import { startTimer } from "./timer.ts";
import { PassingSet } from "../../core/passing.ts";

type Call = LuaCall<InstanceContext>;
type Options = Readonly<Record<string, Value>>;

/** The requests of one task that are under way: they end with it. */
class Requests implements Disposable {
  readonly #open = new PassingSet<Disposable>();
  #isOver = false;

  add(request: Disposable): void {
    if (this.#isOver) throw new WeftError("CALL_CANCELED", "the program ended");
    if (this.#open.size >= requestsInFlight) {
      throw new WeftError("REQUEST_FAILED", `the program has ${requestsInFlight} requests under way already`);
    }
    this.#open.add(request);
  }

  done(request: Disposable): void {
    this.#open.delete(request);
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    for (const request of this.#open) request[Symbol.dispose]();
    this.#open.clear();
  }
}

const requestsOf = new WeakMap<Task, Requests>();

function openRequests({ task }: Call): Requests {
  return requestsOf.getOrInsertComputed(task, () => {
    const requests = new Requests();
    task.own(requests);
    return requests;
  });
}

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly options: Options;
}

/** What a request is made with, read from the call before anything waits. */
interface Surroundings {
  readonly requests: Requests;
  readonly reach: Reach;
}

function surroundings(call: Call): Surroundings {
  const { network: rules, ports, call: context } = call.host;
  return { requests: openRequests(call), reach: { rules, security: ports.security, call: context } };
}

async function perform({ method, url, options }: Asked, { requests, reach }: Surroundings): Promise<unknown> {
  const wanted = await readOptions(method, url, options);
  const controller = new AbortController();
  const underWay = { [Symbol.dispose]: () => controller.abort(new WeftError("CALL_CANCELED", "the program ended")) };
  requests.add(underWay);
  let isStreaming = false;
  try {
    using _timer = startTimer(wanted.timeoutMs, () => controller.abort(late(wanted)));
    const fetched = await fetchHead(wanted, reach, controller.signal);
    if (!wanted.isStream) {
      return response(fetched, { body: await readWhole(fetched, wanted.maxBodyBytes, controller.signal) });
    }
    isStreaming = true;
    return response(fetched, {
      stream: new ResponseStream(fetched, wanted.timeoutMs, () => requests.done(underWay)),
    });
  } finally {
    if (!isStreaming) requests.done(underWay);
  }
}

function late({ url, timeoutMs }: Wanted): WeftError {
  return new WeftError(
    "REQUEST_TIMEOUT",
    `the request to ${url.href} took longer than its timeout of ${timeoutMs} ms`,
    {
      details: { url: url.href, timeoutMs },
    },
  );
}

function response({ url, message }: Fetched, content: { body?: Uint8Array; stream?: ResponseStream }): object {
  const { headers, statusCode } = message;
  return {
    status_code: statusCode,
    url: url.href,
    headers: shownHeaders(headers),
    cookies: cookiesOf(headers),
    body_size: content.body?.length ?? Number(headers["content-length"] ?? -1),
    ...content,
  };
}

/** Names as `Content-Type`, which is how programs ask for them. */
function shownHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value = ""]) => [
      name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase()),
      Array.isArray(value) ? value.join(", ") : value,
    ]),
  );
}

function cookiesOf(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const cookies = (headers["set-cookie"] ?? []).flatMap((line) => {
    const [, name, value = ""] = /^\s*([^=;\s]+)\s*=\s*"?([^;"]*)/.exec(line) ?? [];
    return name === undefined ? [] : [[name, value.trim()] as const];
  });
  return Object.fromEntries(cookies);
}

const verb =
  (method: string) =>
  (call: Call): Returned =>
    perform({ method, url: call.text(1), options: call.record(2) }, surroundings(call));

function request(call: Call): Returned {
  return perform({ method: call.text(1), url: call.text(2), options: call.record(3) }, surroundings(call));
}

/** All at once; what failed is missing among the responses and stands among the errors, by its number. */
async function requestBatch(call: Call): Promise<Returned> {
  const items = call.value(1);
  const around = surroundings(call);
  if (!Array.isArray(items)) throw new WeftError("INVALID_ARGUMENT", "a batch is a list of {method, url, options}");
  const asked = items.map((item: Value, i) => batched(item, i + 1));
  const settled = await inTurns(asked, (each) => perform(each, around));
  const responses = new Map<number, unknown>();
  const errors = new Map<number, unknown>();
  for (const [i, each] of settled.entries()) {
    if (each.status === "fulfilled") responses.set(i + 1, each.value);
    else if (each.reason instanceof WeftError) errors.set(i + 1, each.reason);
    else throw each.reason;
  }
  return results(responses, errors.size === 0 ? null : errors);
}

/** As many at once as half of what may be under way, so that the rest of the program goes on. */
async function inTurns<Item, Result>(
  items: readonly Item[],
  run: (item: Item) => Promise<Result>,
): Promise<PromiseSettledResult<Result>[]> {
  const { default: pLimit } = await import("p-limit");
  const limit = pLimit(requestsInFlight / 2);
  return await Promise.allSettled(items.map((item) => limit(run, item)));
}

function batched(item: Value, number: number): Asked {
  const [method, url, options = {}] = Array.isArray(item) ? item : [];
  if (typeof method !== "string" || typeof url !== "string" || !isOptions(options)) {
    throw new WeftError("INVALID_ARGUMENT", `item ${number} of the batch is not {method, url, options}`);
  }
  return { method, url, options: Array.isArray(options) ? {} : options };
}

function isOptions(value: Value): value is Options {
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && value !== null && !(value instanceof Map || value instanceof Uint8Array);
}

function decodeUri(call: Call): string {
  const text = call.text(1);
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch (error) {
    throw new WeftError("INVALID_ARGUMENT", `"${text}" is not percent-encoded UTF-8`, { cause: error });
  }
}

const streamOf = (call: Call): ResponseStream => call.object(1, ResponseStream);

const streamClass: LuaClass<InstanceContext> = {
  type: ResponseStream,
  methods: {
    read: async (call) => (await streamOf(call).read(call.has(2) ? call.integer(2) : undefined)) ?? results(null, null),
    scanner: (call) => {
      const stream = streamOf(call);
      return new Scanner((limit) => stream.read(limit), scanUnit(call, 2));
    },
    close: (call) => {
      streamOf(call).close();
      return true;
    },
  },
};

/** Requests to HTTP servers. */
export const httpClientModule: LuaModule<InstanceContext> = {
  name: "http_client",
  always: false,
  classes: [streamClass, scannerClass],
  table: {
    get: verb("GET"),
    post: verb("POST"),
    put: verb("PUT"),
    delete: verb("DELETE"),
    head: verb("HEAD"),
    patch: verb("PATCH"),
    request,
    request_batch: requestBatch,
    encode_uri: (call) => encodeURIComponent(call.text(1)),
    decode_uri: decodeUri,
  },
};
