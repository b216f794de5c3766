import { describe, expect, test } from "vitest";
import { OutgoingBody } from "../../../../src/hosts/http-client/outgoing-body.ts";
import { type IncomingRequest, OutgoingResponse, ResponseOutparam } from "../../../../src/hosts/http-client/server.ts";
import {
  bodyOf,
  bytes,
  errorOf,
  fetched,
  guest,
  readAll,
  requestOf,
  send,
  serve,
  text,
  trailersOf,
} from "./support/guest.ts";
import { IncomingBody } from "../../../../src/hosts/http-client/incoming-body.ts";

type Guest = ReturnType<typeof guest>;

/** A server whose answers come from a guest that serves. */
async function serving(me: Guest, handle: (request: IncomingRequest, out: ResponseOutparam) => Promise<void>) {
  return await serve((message, response) => {
    const request = requestOf(me.scope, message);
    const out = new ResponseOutparam((answer) => {
      if (answer.tag === "err") {
        response.writeHead(500).end(answer.val.tag);
        return;
      }
      const { status, fields } = answer.val.head();
      response.writeHead(status, [...fields]);
      answer.val.sendBody(response);
    });
    void handle(request, out);
  });
}

describe("a guest that serves", () => {
  test("sees the request and streams its answer while it reads", async () => {
    using server = guest();
    await using upstream = await serving(server, async (request, out) => {
      const seen = [request.method().tag, request.pathWithQuery(), request.scheme()?.tag, request.authority()];
      const response = new OutgoingResponse(server.fields({ "X-Seen": JSON.stringify(seen) }));
      response.setStatusCode(201);
      expect(response.statusCode()).toBe(201);
      expect(response.headers().has("x-seen")).toBe(true);
      const body = response.body();
      expect(errorOf(() => response.body())).toEqual({ err: undefined });
      ResponseOutparam.set(out, { tag: "ok", val: response });
      const incoming = request.consume();
      expect(errorOf(() => request.consume())).toEqual({ err: undefined });
      const [input, output] = [incoming.stream(), body.write()];
      await output.blockingWriteAndFlush(bytes((await readAll(input)).toUpperCase()));
      input[Symbol.dispose]();
      output[Symbol.dispose]();
      const trailers = await trailersOf(IncomingBody.finish(incoming));
      OutgoingBody.finish(body, server.fields({ "X-Got": trailers?.get("x-sent").map(text).join() ?? "nothing" }));
    });
    using client = guest();
    const request = client.request({ authority: upstream.authority, method: "put", path: "/a?b" });
    await send(request, ["hello ", "there"], client.fields({ "X-Sent": "yes" }));
    const response = await fetched(request);
    expect(response.status()).toBe(201);
    expect(JSON.parse(response.headers().get("x-seen").map(text).join())).toEqual([
      "put",
      "/a?b",
      "HTTP",
      upstream.authority,
    ]);
    const { body, trailers } = await bodyOf(response);
    expect(body).toBe("HELLO THERE");
    expect(trailers?.get("x-got").map(text)).toEqual(["yes"]);
  });

  test("may answer without a body, with an error, or not at all", async () => {
    using server = guest();
    await using upstream = await serving(server, async (request, out) => {
      if (request.pathWithQuery() === "/none") out[Symbol.dispose]();
      else if (request.pathWithQuery() === "/err") {
        ResponseOutparam.set(out, { tag: "err", val: { tag: "loop-detected" } });
      } else {
        const response = new OutgoingResponse(server.fields());
        response.setStatusCode(404);
        ResponseOutparam.set(out, { tag: "ok", val: response });
        out[Symbol.dispose]();
      }
      request[Symbol.dispose]();
    });
    using client = guest();
    const ask = async (path: string) => {
      const response = await fetched(client.request({ authority: upstream.authority, path }));
      return [response.status(), response.headers().get("content-length").map(text), (await bodyOf(response)).body];
    };
    expect(await ask("/")).toEqual([404, ["0"], ""]);
    expect((await ask("/none"))[2]).toBe("internal-error");
    expect((await ask("/err"))[2]).toBe("loop-detected");
  });

  test("may not promise another length than it sends, or a status that is none", () => {
    using server = guest();
    const response = new OutgoingResponse(server.fields({ "Content-Length": "2" }));
    for (const status of [0, 100, 199, 1000]) {
      expect(errorOf(() => response.setStatusCode(status))).toEqual({ err: undefined });
    }
    const body = response.body();
    expect(errorOf(() => OutgoingBody.finish(body, undefined))).toEqual({
      err: { tag: "HTTP-response-body-size", val: 0n },
    });
  });

  test("leaves nothing when its handles are gone and its answer is given, unless it asked somebody itself", async () => {
    using server = guest();
    await using upstream = await serving(server, async (request, out) => {
      const response = new OutgoingResponse(server.fields({ "x-a": "1" }));
      expect(server.scope.isClean).toBe(false);
      ResponseOutparam.set(out, { tag: "ok", val: response });
      request[Symbol.dispose]();
      response[Symbol.dispose]();
    });
    using client = guest();
    const response = await fetched(client.request({ authority: upstream.authority }));
    await bodyOf(response);
    response[Symbol.dispose]();
    expect(server.scope.isClean).toBe(true);
    expect(client.scope.isClean).toBe(false);
  });
});
