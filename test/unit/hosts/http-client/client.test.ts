import { describe, expect, test } from "vitest";
import { rootContext } from "../../../../src/core/context.ts";
import { OutgoingBody } from "../../../../src/hosts/http-client/outgoing-body.ts";
import { handle } from "../../../../src/hosts/http-client/response.ts";
import { bodyOf, bytes, fetched, guest, readAll, send, serve, text } from "./support/guest.ts";

describe("a request", () => {
  test("without a body brings the response's status, headers and body", async () => {
    await using upstream = await serve((request, response) => {
      const seen = [
        request.method,
        request.url,
        request.headers["x-a"],
        request.headers.host,
        request.rawHeaders.length,
      ];
      response.writeHead(203, { "X-Seen": "yes", "Set-Cookie": ["a=1", "b=2"] });
      response.end(JSON.stringify(seen));
    });
    using me = guest();
    const response = await fetched(
      me.request({ authority: upstream.authority, path: "/p?q=1", headers: { "X-A": "hello" } }),
    );
    expect(response.status()).toBe(203);
    const headers = response.headers();
    expect(headers.get("x-seen").map(text)).toEqual(["yes"]);
    expect(headers.get("SET-COOKIE").map(text)).toEqual(["a=1", "b=2"]);
    expect(headers.has("connection")).toBe(false);
    const { body, trailers } = await bodyOf(response);
    // Host, X-A and Connection: a request without a body says nothing about its length.
    expect(JSON.parse(body)).toEqual(["GET", "/p?q=1", "hello", upstream.authority, 6]);
    expect(trailers).toBeUndefined();
  });

  test("goes on in the trace of its caller, unless the guest says another", async () => {
    await using upstream = await serve(
      (request, response) => void response.end(request.headers["traceparent"] ?? "none"),
    );
    const trace = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7" };
    using traced = guest({ call: rootContext({ root: 1, trace }) });
    using untraced = guest();
    const { authority } = upstream;
    const own = { traceparent: "00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-00" };
    const requests = [
      traced.request({ authority }),
      traced.request({ authority, headers: own }),
      untraced.request({ authority }),
    ];
    const seen = await Promise.all(requests.map(async (request) => (await bodyOf(await fetched(request))).body));
    expect(seen).toEqual([`00-${trace.traceId}-${trace.spanId}-01`, own.traceparent, "none"]);
  });

  test("has the method it was given, and says so when it has no body", async () => {
    await using upstream = await serve((request, response) => {
      response.end(
        `${request.method} ${request.headers["content-length"] ?? "-"} ${request.headers["transfer-encoding"] ?? "-"}`,
      );
    });
    using me = guest();
    const methods = ["get", "post", "put", "delete", "options", "patch", "other"] as const;
    const seen: string[] = [];
    for (const method of methods) {
      const response = await fetched(me.request({ authority: upstream.authority, method }));
      seen.push((await bodyOf(response)).body);
    }
    expect(seen).toEqual(["GET - -", "POST 0 -", "PUT 0 -", "DELETE - -", "OPTIONS - -", "PATCH 0 -", "PURGE 0 -"]);
    const head = await fetched(me.request({ authority: upstream.authority, method: "head" }));
    expect((await bodyOf(head)).body).toBe("");
  });

  test("sends a body that is complete with its length", async () => {
    await using upstream = await serve(async (request, response) => {
      const body = (await request.toArray()).join("");
      response.end(`${request.headers["content-length"]} ${body}`);
    });
    using me = guest();
    const request = me.request({ authority: upstream.authority, method: "post" });
    await send(request, ["one ", "two"]);
    expect((await bodyOf(await fetched(request))).body).toBe("7 one two");
  });

  test("streams a body both ways at once", async () => {
    await using upstream = await serve((request, response) => {
      response.setHeader("X-Encoding", request.headers["transfer-encoding"] ?? "");
      response.flushHeaders();
      request.pipe(response);
    });
    using me = guest();
    const request = me.request({ authority: upstream.authority, method: "post" });
    const body = request.body();
    const out = body.write();
    const future = handle(request, undefined);
    await future.subscribe().block();
    const got = future.get();
    if (got?.tag !== "ok" || got.val.tag !== "ok") throw new Error("no response");
    const response = got.val.val;
    expect(response.headers().get("x-encoding").map(text)).toEqual(["chunked"]);
    const incoming = response.consume();
    const stream = incoming.stream();
    for (const piece of ["ping", "pong"]) {
      out.write(bytes(piece));
      expect(text(await stream.blockingRead(100n))).toBe(piece);
    }
    out[Symbol.dispose]();
    OutgoingBody.finish(body, undefined);
    expect(await readAll(stream)).toBe("");
  });

  test("carries trailers both ways", async () => {
    await using upstream = await serve(async (request, response) => {
      await request.toArray();
      response.setHeader("Trailer", "X-Sum");
      response.write("body");
      response.addTrailers([["X-Sum", `of ${JSON.stringify(request.rawTrailers)}`]]);
      response.end();
    });
    using me = guest();
    const request = me.request({ authority: upstream.authority, method: "put" });
    await send(request, ["abc"], me.fields({ "X-Check": "3" }));
    const { body, trailers } = await bodyOf(await fetched(request));
    expect(body).toBe("body");
    expect(trailers?.get("x-sum").map(text)).toEqual(['of ["X-Check","3"]']);
  });
});
