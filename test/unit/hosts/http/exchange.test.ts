import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Cancellation, canceled } from "../../../../src/core/cancellation.ts";
import type { HttpRequest } from "../../../../src/core/http.ts";
import type { Value } from "../../../../src/core/values.ts";
import { HttpExchange } from "../../../../src/hosts/http/exchange.ts";
import { HttpService, type IncomingCall } from "../../../../src/hosts/http/service.ts";
import type { HttpAsk } from "../../../../src/hosts/http/protocol.ts";
import type { HttpAnswer } from "../../../../src/hosts/http/server-exchange.ts";
import type { ServicePort } from "../../../../src/hosts/ports.ts";

/** Both halves of an exchange, without the threads between them. */
function answering(run: (exchange: HttpExchange) => Value | Promise<Value>) {
  const service: HttpService = new HttpService({
    describe: () => undefined,
    call: async ({ context: { request } }) => {
      if (request === undefined) throw new Error("no request");
      const exchange = new HttpExchange({ request, services });
      return await exchange.finish(await run(exchange));
    },
  });
  const services: ServicePort = {
    ask: async ({ service: name, request }) => {
      if (name !== "http") throw new Error(`${name} is not here`);
      return await service.ask(request);
    },
    subscribe: () => Promise.reject(new Error("nothing to hear")),
  };
  return {
    ask: (ask: HttpAsk) => service.ask(ask),
    get exchanges() {
      return service.exchanges;
    },
    answer(call: IncomingCall): Promise<HttpAnswer> {
      const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
      service.answer(call, { answered: resolve, failed: reject });
      return promise;
    },
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
}

const request: Omit<HttpRequest, "exchange"> = {
  endpoint: "a:endpoint",
  method: "POST",
  scheme: "http",
  host: "localhost",
  target: "/",
  path: "/",
  query: "",
  headers: [],
  params: {},
  remoteAddress: "127.0.0.1:1",
  body: undefined,
  bodyBytes: 0,
};

const incoming = (more: Partial<IncomingCall> = {}): IncomingCall => ({
  func: "a:func",
  request,
  context: {},
  cancellation: new Cancellation(),
  ...more,
});

function streamed(parts: readonly Uint8Array[]): Pick<IncomingCall, "request" | "body"> {
  const left = [...parts];
  return { request: { ...request, body: "stream", bodyBytes: undefined }, body: { read: async () => left.shift() } };
}

const bytesOf = async (body: unknown): Promise<Uint8Array> =>
  body instanceof ReadableStream || body instanceof Uint8Array || typeof body === "string"
    ? new Uint8Array(await new Response(body instanceof Uint8Array ? new Uint8Array(body) : body).arrayBuffer())
    : new Uint8Array(0);

const text = (body: string): Uint8Array => new TextEncoder().encode(body);

test("whatever parts a body comes in and goes out in, it is the same", async () => {
  const parts = fc.array(fc.uint8Array({ minLength: 1, maxLength: 100 }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(parts, fc.boolean(), async (given, isFlushed) => {
      const service = answering(async (exchange) => {
        for (let part = await exchange.read(); part !== undefined; part = await exchange.read()) {
          await exchange.write(part);
          if (isFlushed) await exchange.flush();
        }
        await exchange.write(new Uint8Array(0));
        return null;
      });
      const { body } = await service.answer(incoming(streamed(given)));
      expect(Buffer.from(await bytesOf(body))).toEqual(Buffer.concat(given));
    }),
  );
});

test("a response that is small and not flushed comes whole, without a stream", async () => {
  const { head, body } = await answering((exchange) => {
    exchange.status = 201;
    exchange.headers.set("X-One", "1");
    void exchange.write(text("small"));
    return "not this";
  }).answer(incoming());
  expect(head).toEqual({ status: 201, headers: ["x-one", "1"] });
  expect(body).toBe("small");
});

test("a program waits when it writes faster than anybody reads, and ends when nobody will", async () => {
  const written: number[] = [];
  const over = Promise.withResolvers<unknown>();
  const service = answering(async (exchange) => {
    try {
      for (let i = 1; i <= 1_000; i += 1) {
        await exchange.write(new Uint8Array(100_000));
        written.push(i);
      }
    } catch (error) {
      over.resolve(error);
      throw error;
    }
    return null;
  });
  const cancellation = new Cancellation();
  const { body } = await service.answer(incoming({ cancellation }));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(written.length).toBeLessThan(10);
  if (!(body instanceof ReadableStream)) throw new Error("no stream");
  await body.cancel();
  expect(await over.promise).toMatchObject({ code: "CALL_CANCELED" });
  expect(cancellation.reason).toMatchObject({ code: "CALL_CANCELED" });
  while (service.exchanges > 0) await new Promise((resolve) => setTimeout(resolve, 1));
});

test("trailers are known when the body ends", async () => {
  const { body, trailers } = await answering(async (exchange) => {
    await exchange.write(text("a"));
    await exchange.flush();
    exchange.setTrailers(["x-sum", "1"]);
    return null;
  }).answer(incoming());
  expect(await bytesOf(body)).toEqual(text("a"));
  expect(await trailers).toEqual(["x-sum", "1"]);
});

test("a call that fails before it answered rejects, one that fails later never ends its body", async () => {
  const fail = new Error("it broke");
  await expect(answering(() => Promise.reject(fail)).answer(incoming())).rejects.toThrow("it broke");
  const late = await answering(async (exchange) => {
    await exchange.write(text("a"));
    await exchange.flush();
    throw fail;
  }).answer(incoming());
  await expect(late.trailers).rejects.toThrow("it broke");
});

test("a client that is gone before its call begins is not called for", async () => {
  let called = false;
  const service = answering(() => (called = true));
  const cancellation = new Cancellation();
  cancellation.cancel(canceled());
  await expect(service.answer(incoming({ cancellation }))).rejects.toMatchObject({ code: "CALL_CANCELED" });
  expect(called).toBe(false);
});

test("the body is read once part by part, or as often as wanted as a whole", async () => {
  const service = answering(async (exchange) => {
    const [first, again] = [await exchange.body(100), await exchange.body(100)];
    return [first.length, again.length, (await exchange.read()) === undefined];
  });
  expect((await service.answer(incoming(streamed([text("abc"), text("de")])))).body).toBe("[5,5,true]");
  const inline = { request: { ...request, body: text("abc"), bodyBytes: 3 } };
  expect((await service.answer(incoming(inline))).body).toBe("[3,3,true]");
});

test("a body beyond what the program takes is refused as soon as that is known", async () => {
  const service = answering(async (exchange) => (await exchange.body(4)).length);
  const refused = { code: "BODY_TOO_LARGE" };
  await expect(service.answer(incoming(streamed([text("abc"), text("de")])))).rejects.toMatchObject(refused);
  const said = { request: { ...request, body: text("abcde"), bodyBytes: 5 } };
  await expect(service.answer(incoming(said))).rejects.toMatchObject(refused);
  expect((await service.answer(incoming(streamed([text("ab"), text("de")])))).body).toBe("4");
});

test.each<[Value, string | undefined, string]>([
  [{ a: [1, true, null] }, "application/json", '{"a":[1,true,null]}'],
  ["text", "application/json", '"text"'],
  [false, "application/json", "false"],
  [12_345_678_901_234_567_890n, "application/json", "12345678901234567890"],
  [new Uint8Array([65, 66]), "application/octet-stream", "AB"],
])("what is returned is the answer (%#)", async (value, type, expected) => {
  const { head, body } = await answering(() => value).answer(incoming());
  expect([head.status, head.headers]).toEqual([200, ["content-type", type]]);
  expect(Buffer.from(await bytesOf(body)).toString()).toBe(expected);
});

test("after a service has stopped, exchanges that went on are over", async () => {
  const service = answering(() => new Promise(() => undefined));
  const answer = service.answer(incoming());
  await new Promise((resolve) => setTimeout(resolve, 1));
  await service[Symbol.asyncDispose]();
  await expect(answer).rejects.toMatchObject({ code: "POOL_CLOSED" });
  expect(() => service.ask({ do: "read", exchange: 1 })).toThrow("the request is over");
});
