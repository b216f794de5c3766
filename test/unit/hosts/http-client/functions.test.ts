import { describe, expect, test } from "vitest";
import { allFieldsBytes, fieldsBytes, requestsInFlight, uriBytes } from "../../../../src/hosts/http-client/limits.ts";
import { IncomingBody } from "../../../../src/hosts/http-client/incoming-body.ts";
import { OutgoingBody } from "../../../../src/hosts/http-client/outgoing-body.ts";
import { httpFace, httpImports } from "../../../../src/hosts/http-client/p2.ts";
import { OutgoingRequest, RequestOptions } from "../../../../src/hosts/http-client/request.ts";
import { handle } from "../../../../src/hosts/http-client/response.ts";
import { type IncomingRequest, OutgoingResponse, ResponseOutparam } from "../../../../src/hosts/http-client/server.ts";
import { Fields } from "../../../../src/hosts/http-client/fields.ts";
import { imported } from "../support/imports.seam.ts";
import { instance } from "../support/instance.ts";
import {
  bodyOf,
  bytes,
  errorOf,
  failed,
  fetched,
  guest,
  readAll,
  requestOf,
  send,
  serve,
  text,
} from "./support/guest.ts";

type Guest = ReturnType<typeof guest>;
type Case = (me: Guest) => unknown;

/** What a function does when it can, how it fails, and what bounds it. "none" is for what cannot fail, or has no bound. */
interface Cases {
  readonly success: Case;
  readonly error: Case | "none";
  readonly limit: Case | "none";
}

const noPayload = { err: undefined };
const headerError = (tag: string) => ({ err: { tag } });
const trap = { code: "TRAP_INVALID_VALUE" };
const large = (size: number): Uint8Array => new Uint8Array(size).fill(0x61);
const frozen = (me: Guest): Fields => new OutgoingRequest(me.fields({ a: "1" })).headers();
const request = (me: Guest): OutgoingRequest => me.request({ authority: "example.org" });
const tooLarge: Case = (me) => expect(errorOf(() => me.fields().append("a", large(fieldsBytes)))).toMatchObject(trap);

const fields: Readonly<Record<string, Cases>> = {
  new: {
    success: (me) => expect(me.fields().entries()).toEqual([]),
    error: "none",
    // All that an instance holds count together.
    limit(me) {
      const held: Fields[] = [];
      const fill = () => {
        while (held.length * fieldsBytes < 2 * allFieldsBytes) {
          const made = me.fields();
          held.push(made);
          made.append("a", large(fieldsBytes - 100));
        }
      };
      expect(errorOf(fill)).toMatchObject(trap);
      expect(held.length).toBeGreaterThan(allFieldsBytes / fieldsBytes - 2);
    },
  },
  fromList: {
    success: (me) =>
      expect(
        me
          .fields({ A: "1", b: "2" })
          .entries()
          .map(([name]) => name),
      ).toEqual(["A", "b"]),
    error: (me) => expect(errorOf(() => me.fields({ "a b": "1" }))).toEqual(headerError("invalid-syntax")),
    limit: (me) => expect(errorOf(() => me.fields({ a: "x".repeat(fieldsBytes) }))).toMatchObject(trap),
  },
  get: {
    success: (me) => expect(me.fields({ A: "1" }).get("a").map(text)).toEqual(["1"]),
    error: (me) => expect(me.fields().get("not a name")).toEqual([]),
    limit: "none",
  },
  has: {
    success: (me) => expect(me.fields({ A: "1" }).has("a")).toBe(true),
    error: (me) => expect(me.fields().has("not a name")).toBe(false),
    limit: "none",
  },
  set: {
    success(me) {
      const of = me.fields({ a: "1" });
      of.set("A", [bytes("2"), bytes("3")]);
      expect(of.get("a").map(text)).toEqual(["2", "3"]);
    },
    error(me) {
      expect(errorOf(() => me.fields().set("a", [bytes("1\r\n2")]))).toEqual(headerError("invalid-syntax"));
      expect(errorOf(() => me.fields().set("connection", [bytes("close")]))).toEqual(headerError("forbidden"));
      expect(errorOf(() => frozen(me).set("a", []))).toEqual(headerError("immutable"));
    },
    limit: (me) => expect(errorOf(() => me.fields().set("a", [large(fieldsBytes)]))).toMatchObject(trap),
  },
  delete: {
    success(me) {
      const of = me.fields({ a: "1" });
      of.delete("A");
      expect(of.has("a")).toBe(false);
    },
    error(me) {
      expect(errorOf(() => me.fields().delete("a b"))).toEqual(headerError("invalid-syntax"));
      expect(errorOf(() => frozen(me).delete("a"))).toEqual(headerError("immutable"));
    },
    limit: "none",
  },
  append: {
    success(me) {
      const of = me.fields({ a: "1" });
      of.append("a", bytes("2"));
      expect(of.get("a").map(text)).toEqual(["1", "2"]);
    },
    error(me) {
      expect(errorOf(() => me.fields().append("", bytes("1")))).toEqual(headerError("invalid-syntax"));
      expect(errorOf(() => frozen(me).append("a", bytes("1")))).toEqual(headerError("immutable"));
    },
    limit: tooLarge,
  },
  entries: {
    success: (me) =>
      expect(
        me
          .fields({ b: "1", A: "2" })
          .entries()
          .map(([name]) => name),
      ).toEqual(["b", "A"]),
    error: "none",
    limit: "none",
  },
  clone: {
    success(me) {
      const copy = frozen(me).clone();
      copy.append("b", bytes("2"));
      expect(copy.entries()).toHaveLength(2);
    },
    error: "none",
    // A copy costs what the original costs.
    limit(me) {
      const of = me.fields({ a: "x".repeat(fieldsBytes - 1_000) });
      const copies: Fields[] = [];
      expect(
        errorOf(() => {
          for (let made = 0; made < 2 * (allFieldsBytes / fieldsBytes); made++) copies.push(of.clone());
        }),
      ).toMatchObject(trap);
    },
  },
};

/** A property of a request: what it takes, what not, and how much. */
function property<Value>(
  accessors: { get: (of: OutgoingRequest) => Value; set: (of: OutgoingRequest, value: Value) => void },
  [good, bad]: readonly [good: Value, bad: Value],
): { readonly get: Cases; readonly set: Cases } {
  const success: Case = (me) => {
    const of = request(me);
    accessors.set(of, good);
    expect(accessors.get(of)).toEqual(good);
  };
  const error: Case = (me) => expect(errorOf(() => accessors.set(request(me), bad))).toEqual(noPayload);
  return { get: { success, error: "none", limit: "none" }, set: { success, error, limit: "none" } };
}

const method = property<ReturnType<OutgoingRequest["method"]>>(
  { get: (of) => of.method(), set: (of, value) => of.setMethod(value) },
  [{ tag: "patch" }, { tag: "other", val: "A B" }],
);
const path = property<string | undefined>(
  { get: (of) => of.pathWithQuery(), set: (of, value) => of.setPathWithQuery(value) },
  ["/a?b", "/a b"],
);
const scheme = property<ReturnType<OutgoingRequest["scheme"]>>(
  { get: (of) => of.scheme(), set: (of, value) => of.setScheme(value) },
  [{ tag: "HTTPS" }, { tag: "other", val: "1a" }],
);
const authority = property<string | undefined>(
  { get: (of) => of.authority(), set: (of, value) => of.setAuthority(value) },
  ["a:80", "a:b"],
);

const outgoingRequest: Readonly<Record<string, Cases>> = {
  new: { success: (me) => expect(request(me).headers()).toBeInstanceOf(Fields), error: "none", limit: "none" },
  body: {
    success: (me) => expect(request(me).body()).toBeInstanceOf(OutgoingBody),
    error(me) {
      const of = request(me);
      of.body();
      expect(errorOf(() => of.body())).toEqual(noPayload);
    },
    limit: "none",
  },
  method: method.get,
  setMethod: method.set,
  pathWithQuery: path.get,
  setPathWithQuery: {
    ...path.set,
    // The length is looked at when it is sent.
    limit: (me) => {
      const long = me.request({ authority: "a", path: `/${"a".repeat(uriBytes)}` });
      expect(errorOf(() => handle(long, undefined))).toEqual(headerError("HTTP-request-URI-too-long"));
    },
  },
  scheme: scheme.get,
  setScheme: scheme.set,
  authority: authority.get,
  setAuthority: authority.set,
  headers: {
    success: (me) =>
      expect(
        me
          .request({ authority: "a", headers: { b: "1" } })
          .headers()
          .has("b"),
      ).toBe(true),
    error: (me) => expect(errorOf(() => frozen(me).append("b", bytes("1")))).toEqual(headerError("immutable")),
    limit: "none",
  },
};

const timeout = (
  get: (of: RequestOptions) => bigint | undefined,
  set: (of: RequestOptions, ns?: bigint) => void,
): Cases => ({
  success() {
    const of = new RequestOptions();
    expect(get(of)).toBeUndefined();
    set(of, 5n);
    expect(get(of)).toBe(5n);
    set(of);
    expect(get(of)).toBeUndefined();
  },
  error: "none",
  limit() {
    const of = new RequestOptions();
    set(of, 2n ** 64n - 1n);
    expect(get(of)).toBe(2n ** 64n - 1n);
  },
});
const connectTimeout = timeout(
  (of) => of.connectTimeout(),
  (of, ns) => of.setConnectTimeout(ns),
);
const firstByteTimeout = timeout(
  (of) => of.firstByteTimeout(),
  (of, ns) => of.setFirstByteTimeout(ns),
);
const betweenBytesTimeout = timeout(
  (of) => of.betweenBytesTimeout(),
  (of, ns) => of.setBetweenBytesTimeout(ns),
);

const requestOptions: Readonly<Record<string, Cases>> = {
  new: {
    success: () => expect(new RequestOptions().connectTimeout()).toBeUndefined(),
    error: "none",
    limit: "none",
  },
  connectTimeout,
  setConnectTimeout: connectTimeout,
  firstByteTimeout,
  setFirstByteTimeout: firstByteTimeout,
  betweenBytesTimeout,
  setBetweenBytesTimeout: betweenBytesTimeout,
};

/** What comes of one answer of a real server. */
async function answered<Result>(me: Guest, use: (authority: string) => Promise<Result>): Promise<Result> {
  await using server = await serve((_, response) => {
    response.writeHead(203, { "x-a": "1", Trailer: "x-t" });
    response.addTrailers({ "x-t": "2" });
    response.end("hello");
  });
  const result = await use(server.authority);
  me.scope[Symbol.dispose]();
  return result;
}
const ask = async <Result>(me: Guest, use: (response: Awaited<ReturnType<typeof fetched>>) => Result) =>
  await answered(me, async (to) => await use(await fetched(me.request({ authority: to }))));
const refused = { tag: "connection-refused" };

const incomingResponse: Readonly<Record<string, Cases>> = {
  status: { success: async (me) => expect(await ask(me, (of) => of.status())).toBe(203), error: "none", limit: "none" },
  headers: {
    success: async (me) => expect(await ask(me, (of) => of.headers().get("x-a").map(text))).toEqual(["1"]),
    error: async (me) =>
      expect(await ask(me, (of) => errorOf(() => of.headers().delete("x-a")))).toEqual(headerError("immutable")),
    limit: "none",
  },
  consume: {
    success: async (me) => expect(await ask(me, async (of) => (await bodyOf(of)).body)).toBe("hello"),
    error: async (me) =>
      expect(
        await ask(me, (of) => {
          of.consume();
          return errorOf(() => of.consume());
        }),
      ).toEqual(noPayload),
    limit: "none",
  },
};

const futureIncomingResponse: Readonly<Record<string, Cases>> = {
  subscribe: {
    success: async (me) =>
      await answered(
        me,
        async (to) =>
          await handle(me.request({ authority: to }), undefined)
            .subscribe()
            .block(),
      ),
    error: async (me) => expect(await failed(me.request({ authority: "127.0.0.1:1" }))).toEqual(refused),
    limit: "none",
  },
  get: {
    async success(me) {
      await answered(me, async (to) => {
        const future = handle(me.request({ authority: to }), undefined);
        expect(future.get()).toBeUndefined();
        await future.subscribe().block();
        expect(future.get()).toMatchObject({ tag: "ok", val: { tag: "ok" } });
        // Once is all.
        expect(future.get()).toEqual({ tag: "err", val: undefined });
      });
    },
    error: async (me) => expect(await failed(me.request({ authority: "127.0.0.1:1" }))).toEqual(refused),
    limit: "none",
  },
};

const bodies: Readonly<Record<string, Cases>> = {
  "IncomingBody.stream": {
    success: async (me) => expect(await ask(me, async (of) => await readAll(of.consume().stream()))).toBe("hello"),
    error: async (me) =>
      expect(
        await ask(me, (of) => {
          const body = of.consume();
          body.stream();
          return errorOf(() => body.stream());
        }),
      ).toEqual(noPayload),
    limit: async (me) =>
      expect(await ask(me, async (of) => text(await of.consume().stream().blockingRead(2n)))).toBe("he"),
  },
  "IncomingBody.finish": {
    success: async (me) =>
      expect(await ask(me, async (of) => (await bodyOf(of)).trailers?.get("x-t").map(text))).toEqual(["2"]),
    error: async (me) =>
      // Its stream is a child that must have been dropped.
      expect(
        await ask(me, (of) => {
          const body = of.consume();
          body.stream();
          return errorOf(() => IncomingBody.finish(body));
        }),
      ).toMatchObject(trap),
    limit: "none",
  },
  "FutureTrailers.subscribe": {
    success: async (me) => expect(await ask(me, async (of) => (await bodyOf(of)).trailers)).toBeDefined(),
    error: "none",
    limit: "none",
  },
  "FutureTrailers.get": {
    async success(me) {
      await ask(me, async (of) => {
        const body = of.consume();
        const stream = body.stream();
        await readAll(stream);
        stream[Symbol.dispose]();
        const trailers = IncomingBody.finish(body);
        await trailers.subscribe().block();
        expect(trailers.get()).toMatchObject({ tag: "ok", val: { tag: "ok" } });
        expect(trailers.get()).toEqual({ tag: "err", val: undefined });
      });
    },
    error: "none",
    limit: "none",
  },
  "OutgoingBody.write": {
    success: (me) => expect(request(me).body().write().checkWrite()).toBeGreaterThan(0n),
    error(me) {
      const body = request(me).body();
      body.write();
      expect(errorOf(() => body.write())).toEqual(noPayload);
    },
    limit: (me) => {
      const stream = request(me).body().write();
      const permit = stream.checkWrite();
      expect(errorOf(() => stream.write(large(Number(permit) + 1)))).toMatchObject(trap);
    },
  },
  "OutgoingBody.finish": {
    success: async (me) => {
      const of = request(me);
      await send(of, []);
    },
    error: (me) =>
      expect(
        errorOf(() => {
          const body = me.request({ authority: "a", headers: { "content-length": "2" } }).body();
          OutgoingBody.finish(body, undefined);
        }),
      ).toEqual({ err: { tag: "HTTP-request-body-size", val: 0n } }),
    limit: "none",
  },
};

const response = (me: Guest): OutgoingResponse => new OutgoingResponse(me.fields({ a: "1" }));
const outgoingResponse: Readonly<Record<string, Cases>> = {
  new: { success: (me) => expect(response(me).statusCode()).toBe(200), error: "none", limit: "none" },
  statusCode: { success: (me) => expect(response(me).statusCode()).toBe(200), error: "none", limit: "none" },
  setStatusCode: {
    success(me) {
      const of = response(me);
      of.setStatusCode(599);
      expect(of.statusCode()).toBe(599);
    },
    error: (me) => expect(errorOf(() => response(me).setStatusCode(0))).toEqual(noPayload),
    limit: (me) => expect(errorOf(() => response(me).setStatusCode(1_000))).toEqual(noPayload),
  },
  headers: {
    success: (me) => expect(response(me).headers().has("a")).toBe(true),
    error: (me) => expect(errorOf(() => response(me).headers().delete("a"))).toEqual(headerError("immutable")),
    limit: "none",
  },
  body: {
    success: (me) => expect(response(me).body()).toBeInstanceOf(OutgoingBody),
    error(me) {
      const of = response(me);
      of.body();
      expect(errorOf(() => of.body())).toEqual(noPayload);
    },
    limit: "none",
  },
};

/** What a guest that serves sees of one request. */
async function seen<Result>(me: Guest, look: (of: IncomingRequest) => Result): Promise<Result> {
  const looked = Promise.withResolvers<Result>();
  await using server = await serve((message, reply) => {
    looked.resolve(look(requestOf(me.scope, message)));
    reply.end();
  });
  using client = guest();
  const asked = client.request({ authority: server.authority, method: "put", path: "/a?b", headers: { "x-a": "1" } });
  asked.body();
  const answer = handle(asked, undefined);
  const result = await looked.promise;
  answer[Symbol.dispose]();
  return result;
}

const incomingRequest: Readonly<Record<string, Cases>> = {
  method: {
    success: async (me) => expect(await seen(me, (of) => of.method())).toEqual({ tag: "put" }),
    error: "none",
    limit: "none",
  },
  pathWithQuery: {
    success: async (me) => expect(await seen(me, (of) => of.pathWithQuery())).toBe("/a?b"),
    error: "none",
    limit: "none",
  },
  scheme: {
    success: async (me) => expect(await seen(me, (of) => of.scheme())).toEqual({ tag: "HTTP" }),
    error: "none",
    limit: "none",
  },
  authority: {
    success: async (me) => expect(await seen(me, (of) => of.authority())).toMatch(/^127\.0\.0\.1:\d+$/),
    error: "none",
    limit: "none",
  },
  headers: {
    success: async (me) => expect(await seen(me, (of) => of.headers().has("X-A"))).toBe(true),
    error: async (me) =>
      expect(await seen(me, (of) => errorOf(() => of.headers().delete("x-a")))).toEqual(headerError("immutable")),
    limit: "none",
  },
  consume: {
    success: async (me) => expect(await seen(me, (of) => of.consume())).toBeInstanceOf(IncomingBody),
    error: async (me) =>
      expect(
        await seen(me, (of) => {
          of.consume();
          return errorOf(() => of.consume());
        }),
      ).toEqual(noPayload),
    limit: "none",
  },
};

const free: Readonly<Record<string, Cases>> = {
  "ResponseOutparam.set": {
    success(me) {
      const answers: unknown[] = [];
      ResponseOutparam.set(new ResponseOutparam((answer) => void answers.push(answer.tag)), {
        tag: "ok",
        val: response(me),
      });
      expect(answers).toEqual(["ok"]);
    },
    error() {
      const answers: unknown[] = [];
      const of = new ResponseOutparam((answer) => void answers.push(answer));
      ResponseOutparam.set(of, { tag: "err", val: { tag: "loop-detected" } });
      expect(answers).toEqual([{ tag: "err", val: { tag: "loop-detected" } }]);
    },
    limit: "none",
  },
  handle: {
    success: async (me) => expect(await ask(me, (of) => of.status())).toBe(203),
    error: (me) =>
      expect(errorOf(() => handle(new OutgoingRequest(me.fields()), undefined))).toMatchObject({
        err: expect.anything(),
      }),
    limit: (me) => {
      const all = Array.from({ length: requestsInFlight }, () =>
        handle(me.request({ authority: "127.0.0.1:1" }), undefined),
      );
      expect(errorOf(() => handle(me.request({ authority: "127.0.0.1:1" }), undefined))).toMatchObject({
        err: expect.anything(),
      });
      for (const future of all) future[Symbol.dispose]();
    },
  },
  httpErrorCode: {
    success: (me) =>
      expect(imported(httpImports(me.scope), "wasi:http/types", "httpErrorCode")(new Error("x"))).toBeUndefined(),
    error: "none",
    limit: "none",
  },
};

const prefixed = (prefix: string, cases: Readonly<Record<string, Cases>>): [string, Cases][] =>
  Object.entries(cases).map(([name, each]) => [`${prefix}${name}`, each]);
const table = [
  ...prefixed("Fields.", fields),
  ...prefixed("OutgoingRequest.", outgoingRequest),
  ...prefixed("RequestOptions.", requestOptions),
  ...prefixed("IncomingResponse.", incomingResponse),
  ...prefixed("FutureIncomingResponse.", futureIncomingResponse),
  ...prefixed("", bodies),
  ...prefixed("OutgoingResponse.", outgoingResponse),
  ...prefixed("IncomingRequest.", incomingRequest),
  ...prefixed("", free),
];

describe.each(table)("%s", (_, { success, error, limit }) => {
  const run = (work: Case) => async () => {
    using me = guest();
    await work(me);
  };
  test("does what it says", run(success));
  if (error !== "none") test("fails as it says", run(error));
  if (limit !== "none") test("holds at its limits", run(limit));
});

/** The specification's: all but what the host calls among its own. */
const internal = new Set([
  "failure",
  "isFinished",
  "content",
  "freeze",
  "view",
  "raw",
  "text",
  "sectionBytes",
  "of",
  "received",
  "head",
  "sendBody",
  "fail",
]);
/** Constructors that guests call. */
const constructed = new Set(["Fields", "OutgoingRequest", "RequestOptions", "OutgoingResponse"]);

test("every function of wasi:http's types and outgoing-handler is in the table", () => {
  const { imports } = httpFace.bind(instance());
  const functions = Object.values(imports).flatMap((members) =>
    Object.entries(members).flatMap(([member, value]) => {
      if (!/^[A-Z]/.test(member) || typeof value !== "function") return [member];
      const type = member === "Fields" ? Fields : value;
      const statics = Object.getOwnPropertyNames(value).filter(
        (name) => !["length", "name", "prototype"].includes(name),
      );
      const methods = Object.getOwnPropertyNames(Object(type.prototype));
      const own = [...methods.filter((name) => name !== "constructor" || constructed.has(member)), ...statics];
      return own
        .filter((name) => !internal.has(name))
        .map((name) => `${member}.${name === "constructor" ? "new" : name}`);
    }),
  );
  expect(table.map(([name]) => name).toSorted()).toEqual(functions.toSorted());
});
