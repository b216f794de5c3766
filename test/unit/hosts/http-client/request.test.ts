import { describe, expect, test } from "vitest";
import { contentLength } from "../../../../src/hosts/http-client/framing.ts";
import { uriBytes } from "../../../../src/hosts/http-client/limits.ts";
import { OutgoingBody } from "../../../../src/hosts/http-client/outgoing-body.ts";
import { OutgoingRequest, RequestOptions } from "../../../../src/hosts/http-client/request.ts";
import { handle } from "../../../../src/hosts/http-client/response.ts";
import { bytes, errorOf, guest } from "./support/guest.ts";

const noPayload = { err: undefined };

describe("an outgoing request", () => {
  test("is GET without anything else at first, and has what it is given", () => {
    using me = guest();
    const request = new OutgoingRequest(me.fields({ "x-a": "1" }));
    expect(request.method()).toEqual({ tag: "get" });
    expect([request.pathWithQuery(), request.scheme(), request.authority()]).toEqual([undefined, undefined, undefined]);
    request.setMethod({ tag: "other", val: "PURGE" });
    request.setPathWithQuery("/a?b=%20c");
    request.setScheme({ tag: "other", val: "gopher" });
    request.setAuthority("[::1]:8080");
    expect(request.method()).toEqual({ tag: "other", val: "PURGE" });
    expect(request.pathWithQuery()).toBe("/a?b=%20c");
    expect(request.scheme()).toEqual({ tag: "other", val: "gopher" });
    expect(request.authority()).toBe("[::1]:8080");
    expect(request.headers().has("x-a")).toBe(true);
    for (const set of [
      () => request.setPathWithQuery(undefined),
      () => request.setScheme(undefined),
      () => request.setAuthority(undefined),
    ]) {
      set();
    }
    expect([request.pathWithQuery(), request.scheme(), request.authority()]).toEqual([undefined, undefined, undefined]);
  });

  test("refuses what cannot stand in a request, and keeps what it had", () => {
    using me = guest();
    const request = me.request({ authority: "example.org" });
    for (const val of ["", "GE T", "GET\r\n", "ä"]) {
      expect(errorOf(() => request.setMethod({ tag: "other", val }))).toEqual(noPayload);
    }
    for (const path of ["a", "/a b", "/a\r\nHost: b", "/a#b", "/ä", "**"]) {
      expect(errorOf(() => request.setPathWithQuery(path))).toEqual(noPayload);
    }
    for (const val of ["", "1a", "a b"]) {
      expect(errorOf(() => request.setScheme({ tag: "other", val }))).toEqual(noPayload);
    }
    for (const authority of ["", "a b", "user@host", "a/b", "a:65536", "a:b", "[::1", "a\r\nb", "a?b"]) {
      expect(errorOf(() => request.setAuthority(authority))).toEqual(noPayload);
    }
    expect(request.authority()).toBe("example.org");
    expect(request.pathWithQuery()).toBe("/");
  });

  test("gives its body once, and that its stream once", () => {
    using me = guest();
    const request = me.request({ authority: "a" });
    const body = request.body();
    expect(errorOf(() => request.body())).toEqual(noPayload);
    body.write();
    expect(errorOf(() => body.write())).toEqual(noPayload);
    expect(() => OutgoingBody.finish(body, undefined)).toThrow("before its stream was dropped");
  });

  test("that cannot be sent fails at once with what is wrong", () => {
    using me = guest();
    const failing = (change: (request: OutgoingRequest) => void): unknown => {
      const request = me.request({ authority: "127.0.0.1:1" });
      change(request);
      return errorOf(() => handle(request, undefined));
    };
    const err = (tag: string) => ({ err: { tag } });
    expect(failing((request) => request.setScheme({ tag: "other", val: "ftp" }))).toEqual(err("HTTP-protocol-error"));
    expect(failing((request) => request.setAuthority(undefined))).toEqual(err("HTTP-request-URI-invalid"));
    expect(failing((request) => request.setAuthority("[1.2.3]"))).toEqual(err("HTTP-request-URI-invalid"));
    expect(failing((request) => request.setMethod({ tag: "connect" }))).toEqual(err("HTTP-request-method-invalid"));
    const long = `/${"a".repeat(uriBytes)}`;
    expect(failing((request) => request.setPathWithQuery(long))).toEqual(err("HTTP-request-URI-too-long"));
    const headed = (headers: Readonly<Record<string, string>>): unknown =>
      errorOf(() => handle(me.request({ authority: "127.0.0.1:1", headers }), undefined));
    expect(headed({ a: "a".repeat(70_000) })).toMatchObject({ err: { tag: "HTTP-request-header-section-size" } });
    expect(headed({ "Content-Length": "x" })).toEqual(err("HTTP-protocol-error"));
    expect(headed({ "Content-Length": "1", "content-length": "2" })).toEqual(err("HTTP-protocol-error"));
  });

  test("knows the length that its head promises", () => {
    using me = guest();
    expect(contentLength(me.fields())).toBeUndefined();
    expect(contentLength(me.fields({ "content-length": "12" }))).toBe(12n);
    expect(contentLength(me.fields({ "Content-Length": "12", "content-length": "12" }))).toBe(12n);
    for (const wrong of ["", "-1", "1.5", "1e3", "0x1", "9".repeat(19)]) {
      expect(contentLength(me.fields({ "content-length": wrong }))).toBeNull();
    }
  });

  test("may not write another length than its head promises", () => {
    using me = guest();
    const started = (): { body: OutgoingBody; stream: ReturnType<OutgoingBody["write"]> } => {
      const body = me.request({ authority: "a", method: "post", headers: { "Content-Length": "3" } }).body();
      return { body, stream: body.write() };
    };
    const short = started();
    short.stream.write(bytes("ab"));
    short.stream[Symbol.dispose]();
    const code = (val: bigint) => ({ tag: "HTTP-request-body-size", val });
    expect(errorOf(() => OutgoingBody.finish(short.body, undefined))).toEqual({ err: code(2n) });
    const long = started();
    expect(errorOf(() => long.stream.write(bytes("abcd")))).toMatchObject({
      err: { tag: "last-operation-failed", val: { errorCode: code(4n) } },
    });
    long.stream[Symbol.dispose]();
    expect(errorOf(() => OutgoingBody.finish(long.body, undefined))).toEqual({ err: code(4n) });
    const exact = started();
    exact.stream.write(bytes("abc"));
    exact.stream[Symbol.dispose]();
    expect(errorOf(() => OutgoingBody.finish(exact.body, undefined))).toBe("no error");
  });
});

test("request options keep the three timeouts apart", () => {
  const options = new RequestOptions();
  expect([options.connectTimeout(), options.firstByteTimeout(), options.betweenBytesTimeout()]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  options.setConnectTimeout(1n);
  options.setFirstByteTimeout(2n);
  options.setBetweenBytesTimeout(3n);
  expect([options.connectTimeout(), options.firstByteTimeout(), options.betweenBytesTimeout()]).toEqual([1n, 2n, 3n]);
  options.setConnectTimeout(undefined);
  expect(options.connectTimeout()).toBeUndefined();
});
