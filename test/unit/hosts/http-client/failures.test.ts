import { createServer as createSecureServer } from "node:https";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { describe, expect, test } from "vitest";
import { toHttpError } from "../../../../src/hosts/http-client/error-code.ts";
import { IncomingBody } from "../../../../src/hosts/http-client/incoming-body.ts";
import { headerSectionBytes } from "../../../../src/hosts/http-client/limits.ts";
import { handle } from "../../../../src/hosts/http-client/response.ts";
import { httpImports } from "../../../../src/hosts/http-client/p2.ts";
import { imported } from "../support/imports.seam.ts";
import { certificate } from "./support/certificate.ts";
import {
  bodyOf,
  bytes,
  errorOf,
  failed,
  fetched,
  guest,
  listening,
  options,
  payloadOf,
  readAll,
  serve,
  trailersOf,
} from "./support/guest.ts";
import { raw, says } from "./support/raw.ts";

/** The code of the failure that a stream reports. */
function codeOf(thrown: unknown): unknown {
  using me = guest();
  const payload = payloadOf(thrown);
  const error = typeof payload === "object" && payload !== null && "val" in payload ? payload.val : undefined;
  return imported(httpImports(me.scope), "wasi:http/types", "httpErrorCode")(error);
}

describe("a request fails", () => {
  test("with connection-refused when nobody listens", async () => {
    using me = guest();
    const closed = await raw(() => {});
    await closed[Symbol.asyncDispose]();
    expect(await failed(me.request({ authority: closed.authority }))).toEqual({ tag: "connection-refused" });
  });

  test("with DNS-error when there is no such name", async () => {
    using me = guest();
    expect(await failed(me.request({ authority: "nobody.invalid" }))).toMatchObject({
      tag: expect.stringMatching(/^DNS-/),
    });
  });

  test("with connection-terminated when the server hangs up instead of answering", async () => {
    await using upstream = await raw((socket) => socket.once("data", () => socket.destroy()));
    using me = guest();
    expect(await failed(me.request({ authority: upstream.authority }))).toEqual({ tag: "connection-terminated" });
  });

  test("with HTTP-protocol-error when the answer is no HTTP", async () => {
    await using upstream = await says("SSH-2.0-OpenSSH\r\n\r\n");
    using me = guest();
    expect(await failed(me.request({ authority: upstream.authority }))).toEqual({ tag: "HTTP-protocol-error" });
  });

  test("with HTTP-response-header-section-size when the head is longer than the limit, and not when it is shorter", async () => {
    const answer = (length: number) => says(`HTTP/1.1 204 No\r\nX: ${"a".repeat(length)}\r\n\r\n`);
    await using longer = await answer(headerSectionBytes);
    await using shorter = await answer(headerSectionBytes - 100);
    using me = guest();
    expect(await failed(me.request({ authority: longer.authority }))).toEqual({
      tag: "HTTP-response-header-section-size",
    });
    expect((await fetched(me.request({ authority: shorter.authority }))).status()).toBe(204);
  });

  test("with HTTP-upgrade-failed when the server changes the protocol", async () => {
    await using upstream = await says("HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n");
    using me = guest();
    expect(await failed(me.request({ authority: upstream.authority }))).toEqual({ tag: "HTTP-upgrade-failed" });
  });

  test("with connection-read-timeout when the first byte takes too long", async () => {
    await using upstream = await raw(() => {});
    using me = guest();
    expect(await failed(me.request({ authority: upstream.authority }), options({ firstByteMs: 20 }))).toEqual({
      tag: "connection-read-timeout",
    });
  });

  test("with connection-timeout when connecting takes too long", async () => {
    // A TLS handshake that never comes belongs to connecting.
    await using upstream = await raw(() => {});
    using me = guest();
    const request = me.request({ authority: upstream.authority });
    request.setScheme({ tag: "HTTPS" });
    expect(await failed(request, options({ connectMs: 20 }))).toEqual({ tag: "connection-timeout" });
  });

  test("with TLS-protocol-error when the server does not speak TLS", async () => {
    await using upstream = await serve((_request, response) => response.end());
    using me = guest();
    const request = me.request({ authority: upstream.authority });
    request.setScheme(undefined);
    expect(await failed(request)).toEqual({ tag: "TLS-protocol-error" });
  });

  test("with TLS-certificate-error when the certificate is not trusted, and not when it is", async () => {
    const { key, cert } = certificate();
    await using upstream = await listening(
      createSecureServer({ key, cert }, (_request, response) => response.end("safe")),
    );
    using me = guest();
    const secure = () => {
      const request = me.request({ authority: upstream.authority.replace("127.0.0.1", "localhost") });
      request.setScheme({ tag: "HTTPS" });
      return request;
    };
    expect(await failed(secure())).toEqual({ tag: "TLS-certificate-error" });
    const usual = getCACertificates();
    setDefaultCACertificates([...usual, cert]);
    try {
      expect((await bodyOf(await fetched(secure()))).body).toBe("safe");
    } finally {
      setDefaultCACertificates(usual);
    }
  });

  test("when its body was dropped before it was finished", async () => {
    let seen = 0;
    await using upstream = await serve(() => void (seen += 1));
    using me = guest();
    const early = me.request({ authority: upstream.authority, method: "post" });
    early.body()[Symbol.dispose]();
    expect(await failed(early)).toMatchObject({ tag: "internal-error" });
    expect(seen).toBe(0);
    const late = me.request({ authority: upstream.authority, method: "post" });
    const body = late.body();
    const stream = body.write();
    const future = handle(late, undefined);
    await stream.blockingWriteAndFlush(bytes("half"));
    await new Promise((resolve) => setTimeout(resolve, 20));
    body[Symbol.dispose]();
    await future.subscribe().block();
    expect(future.get()).toMatchObject({ val: { tag: "err", val: { tag: "internal-error" } } });
    expect(errorOf(() => stream.write(bytes("more")))).toMatchObject({ err: { tag: "last-operation-failed" } });
  });
});

describe("a response's body fails", () => {
  test("with HTTP-response-incomplete when the connection is lost in the middle", async () => {
    await using upstream = await says("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", true);
    using me = guest();
    const body = (await fetched(me.request({ authority: upstream.authority }))).consume();
    const stream = body.stream();
    const thrown: unknown = await readAll(stream).catch((error: unknown) => error);
    expect(codeOf(thrown)).toEqual({ tag: "HTTP-response-incomplete" });
    stream[Symbol.dispose]();
    await expect(trailersOf(IncomingBody.finish(body))).rejects.toThrow("no trailers");
  });

  test("with connection-read-timeout when bytes take too long", async () => {
    await using upstream = await says("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    using me = guest();
    const request = () => me.request({ authority: upstream.authority });
    const slow = options({ betweenBytesMs: 20 });
    const stream = (await fetched(request(), slow)).consume().stream();
    expect(Buffer.from(await stream.blockingRead(100n)).toString()).toBe("half");
    const thrown: unknown = await Promise.resolve(stream.blockingRead(1n)).catch((error: unknown) => error);
    expect(codeOf(thrown)).toEqual({ tag: "connection-read-timeout" });
    const skipped = IncomingBody.finish((await fetched(request(), slow)).consume());
    await skipped.subscribe().block();
    expect(skipped.get()).toEqual({ tag: "ok", val: { tag: "err", val: { tag: "connection-read-timeout" } } });
    expect(skipped.get()).toEqual({ tag: "err", val: undefined });
  });

  test("with HTTP-protocol-error when its chunks are malformed", async () => {
    await using upstream = await says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\nnonsense\r\n");
    using me = guest();
    const stream = (await fetched(me.request({ authority: upstream.authority }))).consume().stream();
    const thrown: unknown = await readAll(stream).catch((error: unknown) => error);
    expect(codeOf(thrown)).toEqual({ tag: "HTTP-protocol-error" });
  });
});

describe("errors of Node become error codes", () => {
  const named = (code: string, message = "it failed") => Object.assign(new Error(message), { code });
  test.each([
    ["EAI_AGAIN", { tag: "DNS-error", val: { rcode: "SERVFAIL" } }],
    ["ENOTFOUND", { tag: "DNS-error", val: { rcode: "NXDOMAIN" } }],
    ["ETIMEOUT", { tag: "DNS-timeout" }],
    ["ETIMEDOUT", { tag: "connection-timeout" }],
    ["EHOSTUNREACH", { tag: "destination-IP-unroutable" }],
    ["EMFILE", { tag: "connection-limit-reached" }],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", { tag: "TLS-certificate-error" }],
    ["ERR_TLS_CERT_ALTNAME_INVALID", { tag: "TLS-certificate-error" }],
    ["ERR_SSL_WRONG_VERSION_NUMBER", { tag: "TLS-protocol-error" }],
    ["HPE_INVALID_TRANSFER_ENCODING", { tag: "HTTP-response-transfer-coding" }],
    ["EWHAT", { tag: "internal-error", val: "it failed" }],
  ])("%s", (name, code) => {
    expect(toHttpError(named(name), "request").errorCode).toEqual(code);
  });

  test("with what an alert says", () => {
    const message =
      "0000:error:0A000410:SSL routines:ssl3_read_bytes:ssl/tls alert handshake failure:rec.c:916:SSL alert number 40";
    expect(toHttpError(named("ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE", message), "request").errorCode).toEqual({
      tag: "TLS-alert-received",
      val: { alertId: 40, alertMessage: "handshake failure" },
    });
  });

  test("when a name's addresses all fail", () => {
    expect(toHttpError(new AggregateError([named("ECONNREFUSED")]), "request").errorCode).toEqual({
      tag: "connection-refused",
    });
  });
});
