import { WeftError } from "../../core/errors.ts";
import type { Value } from "../../core/values.ts";
import type { LuaCall, Returned } from "../../engine/lua/call.ts";
import type { LuaClass } from "../../engine/lua/module.ts";
import { decodeJson } from "../../engine/lua/values/json.ts";
import type { InstanceContext } from "../context.ts";
import { accepts, mediaType } from "./accept.ts";
import { BodyStream } from "./body-stream.ts";
import type { HttpExchange } from "./exchange.ts";
import { headerOf, headerText } from "./headers.ts";
import { formTable, MultipartFile, parseMultipart } from "./multipart.ts";

type Call = LuaCall<InstanceContext>;

/** What `http.request` is told. */
export interface RequestOptions {
  readonly maxBody: number;
  /** How long a body may take; undefined is without end. */
  readonly timeoutMs: number | undefined;
}

const defaultFormBytes = 32 * 1024 * 1024;

/** The request as Lua programs hold it. */
export class HttpRequestObject {
  readonly exchange: HttpExchange;
  readonly options: RequestOptions;
  #query: URLSearchParams | undefined;

  constructor(exchange: HttpExchange, options: RequestOptions) {
    this.exchange = exchange;
    this.options = options;
  }

  get query(): URLSearchParams {
    return (this.#query ??= new URLSearchParams(this.exchange.request.query));
  }

  header(name: string): string | undefined {
    const value = headerOf(this.exchange.request.headers, name.toLowerCase());
    return value === undefined ? undefined : headerText(value);
  }
}

const self = (call: Call) => call.object(1, HttpRequestObject);
const head = (call: Call) => self(call).exchange.request;

/** The whole body, then what is made of it. */
function withBody(call: Call, maxBytes: number, use: (body: Uint8Array) => Returned): Returned {
  const { exchange, options } = self(call);
  const body = exchange.body(Math.min(maxBytes, options.maxBody));
  return body instanceof Promise ? inTime(body, options.timeoutMs).then(use) : use(body);
}

async function inTime<Result>(work: Promise<Result>, ms: number | undefined): Promise<Result> {
  if (ms === undefined) return await work;
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new WeftError("CALL_TIMEOUT", `the request's body did not come within ${ms} ms`)),
    ms,
  );
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** One value, or all of them where a name has several. */
function queryParams({ query }: HttpRequestObject): Value {
  const names = new Set(query.keys());
  return Object.fromEntries(
    [...names].map((name) => {
      const values = query.getAll(name);
      return [name, values.length === 1 ? (values[0] ?? "") : values];
    }),
  );
}

function stream(call: Call): BodyStream {
  const { exchange, options } = self(call);
  let length = 0;
  return new BodyStream(() => {
    const part = exchange.read();
    const count = (bytes: Uint8Array | undefined): Uint8Array | undefined => {
      length += bytes?.length ?? 0;
      if (length > options.maxBody) {
        throw new WeftError("BODY_TOO_LARGE", `the request's body is larger than ${options.maxBody} bytes`);
      }
      return bytes;
    };
    return part instanceof Promise ? inTime(part, options.timeoutMs).then(count) : count(part);
  });
}

function parseForm(call: Call): Returned {
  const maxBytes = call.has(2) ? call.integer(2) : defaultFormBytes;
  const { headers } = head(call);
  const { runtime } = call;
  return withBody(call, maxBytes, async (body) => formTable(runtime, await parseMultipart(headers, body)));
}

/** The request, in Lua. */
export const requestClass: LuaClass<InstanceContext> = {
  type: HttpRequestObject,
  methods: {
    method: (call) => head(call).method,
    path: (call) => head(call).path,
    query: (call) => self(call).query.get(call.text(2)),
    query_params: (call) => queryParams(self(call)),
    header: (call) => self(call).header(call.text(2)) ?? null,
    content_type: (call) => self(call).header("content-type") ?? null,
    content_length: (call) => head(call).bodyBytes ?? (head(call).body === "stream" ? -1 : 0),
    host: (call) => head(call).host,
    remote_addr: (call) => head(call).remoteAddress,
    body: (call) => withBody(call, Infinity, (body) => body),
    body_json: (call) => withBody(call, Infinity, (body) => decodeJson(call.runtime.lua, body)),
    has_body: (call) => head(call).body !== undefined && head(call).bodyBytes !== 0,
    accepts: (call) => accepts(self(call).header("accept"), call.text(2)),
    is_content_type: (call) => mediaType(self(call).header("content-type")) === mediaType(call.text(2)),
    param: (call) => head(call).params[call.text(2)] ?? null,
    params: (call) => head(call).params,
    stream,
    parse_multipart: parseForm,
  },
};

const file = (call: Call) => call.object(1, MultipartFile);

/** A file of a form, in Lua. */
export const multipartFileClass: LuaClass<InstanceContext> = {
  type: MultipartFile,
  methods: {
    name: (call) => file(call).name,
    size: (call) => file(call).content.length,
    header: (call) => (call.text(2).toLowerCase() === "content-type" ? file(call).type : null),
    stream(call) {
      let content: Uint8Array | undefined = file(call).content;
      return new BodyStream(() => {
        const part = content;
        content = undefined;
        return part?.length === 0 ? undefined : part;
      });
    },
  },
};
