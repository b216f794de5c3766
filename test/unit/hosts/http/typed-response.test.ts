import { describe, expect, test } from "vitest";
import type { HttpRequest } from "../../../../src/core/http.ts";
import type { Value } from "../../../../src/core/values.ts";
import { errorStatus, speaksJson, typedResponse } from "../../../../src/hosts/http/typed-response.ts";
import type { WitType } from "../../../../src/wit/types.ts";

const text: WitType = { kind: "string" };
const fails = { name: "f", params: [], result: { kind: "result", ok: text, err: text } } as const;

const request = (...headers: readonly string[]): HttpRequest => ({
  exchange: 1,
  endpoint: "t:e",
  method: "POST",
  scheme: "http",
  host: "h",
  target: "/",
  path: "/",
  query: "",
  headers,
  params: {},
  remoteAddress: "127.0.0.1:1",
  body: undefined,
  bodyBytes: undefined,
});

describe("the status of an err", () => {
  test.each<[string, Value, number]>([
    ["a text", "that went wrong", 400],
    ["a text that talks of something not found", "user 7 not found", 400],
    ["a case that names it", "not-found", 404],
    ["a case in another spelling", { alreadyExists: "it is there" }, 409],
    ["a case with a payload", { "permission-denied": null }, 403],
    ["a case that says nothing", { other: "x" }, 400],
    ["a record with a status", { status: 418, message: "no coffee" }, 418],
    ["a record with a code of HTTP", { code: 503, message: "later" }, 503],
    ["a number that is no status", { code: 7, message: "seven" }, 400],
    ["a record with a kind", { kind: "timeout", message: "slow" }, 504],
    ["a record with a code in words", { code: "RATE_LIMITED", message: "slow down" }, 429],
    ["nothing", null, 400],
  ])("%s", (_, err, status) => {
    expect(errorStatus(err)).toBe(status);
  });
});

test("an err is told in words to clients of texts, and in a document to those of JSON", () => {
  expect(typedResponse(fails, { err: "it broke" }, request())).toEqual({
    status: 400,
    contentType: "text/plain; charset=utf-8",
    body: "it broke\n",
  });
  const document = typedResponse(fails, { err: "it broke" }, request("Accept", "application/json"));
  expect(document.contentType).toBe("application/problem+json");
  expect(JSON.parse(String(document.body))).toEqual({
    type: "about:blank",
    title: "Bad Request",
    status: 400,
    detail: "it broke",
    error: "it broke",
  });
});

test("who speaks JSON", () => {
  const data = { name: "f", params: [], result: { kind: "list", element: text } } as const;
  expect(speaksJson(data, request())).toBe(true);
  expect(speaksJson(fails, request())).toBe(false);
  expect(speaksJson(fails, request("accept", "*/*"))).toBe(false);
  expect(speaksJson(fails, request("accept", "text/html, application/json;q=0.5"))).toBe(true);
  expect(speaksJson(fails, request("content-type", "application/json"))).toBe(true);
});
