import * as fc from "fast-check";
import { expect, test } from "vitest";
import { accepts, mediaType } from "../../../../src/hosts/http/accept.ts";
import { httpConstants } from "../../../../src/hosts/http/constants.ts";
import { headerOf, ResponseHeaders } from "../../../../src/hosts/http/headers.ts";
import { parseMultipart } from "../../../../src/hosts/http/multipart.ts";

test.each<[string | undefined, string, boolean]>([
  [undefined, "application/json", true],
  ["", "text/html", true],
  ["*/*", "text/html", true],
  ["application/json", "application/json; charset=utf-8", true],
  ["text/*, application/json;q=0", "application/json", false],
  ["text/*;q=0.5", "text/html", true],
  ["text/html", "application/json", false],
  ["*/*, text/html;q=0", "text/html", false],
  ["nonsense;;;=,,", "text/html", false],
])("a client that sends accept: %s takes %s: %s", (header, type, expected) => {
  expect(accepts(header, type)).toBe(expected);
});

test("a type is compared without its parameters", () => {
  expect(mediaType("Application/JSON; charset=utf-8")).toBe("application/json");
  expect(mediaType(undefined)).toBe("");
});

test("headers are found whatever their case, set in place, added beside", () => {
  const headers = new ResponseHeaders();
  headers.set("X-One", "1");
  headers.set("x-one", "2");
  headers.append("Set-Cookie", "a=1");
  headers.append("set-cookie", "b=2");
  headers.set("Connection", "keep-alive");
  expect(headers.pairs).toEqual(["x-one", "2", "set-cookie", "a=1", "set-cookie", "b=2"]);
  expect(headerOf(["Content-Type", "a", "content-type", "b"], "content-type")).toBe("a");
  expect(headerOf([], "content-type")).toBeUndefined();
});

test("no value of a header gets line ends through, and what is taken is Latin-1", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (value) => {
      const headers = new ResponseHeaders();
      try {
        headers.set("x-one", value);
      } catch (error) {
        expect(error).toMatchObject({ code: "INVALID_ARGUMENT" });
        return;
      }
      const [, taken = ""] = headers.pairs;
      expect(taken).not.toMatch(/[^\t\u0020-\u007e\u0080-\u00ff]/);
    }),
  );
});

test("no bytes bring the reader of forms down", async () => {
  const headers = ["content-type", "multipart/form-data; boundary=b"];
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom("--b\r\n", "--b--", "\r\n\r\n", "Content-Disposition: form-data; name=a", "x", "\0")),
      async (parts) => {
        await parseMultipart(headers, new TextEncoder().encode(parts.join(""))).then(
          (form) => expect(form.values).toBeInstanceOf(Map),
          (error: unknown) => expect(error).toMatchObject({ code: "INVALID_ARGUMENT" }),
        );
      },
    ),
  );
});

test("constants have the names that programs use", () => {
  const { STATUS, METHOD, TRANSFER } = httpConstants;
  expect(STATUS).toMatchObject({
    OK: 200,
    NO_CONTENT: 204,
    NOT_FOUND: 404,
    IM_A_TEAPOT: 418,
    TOO_MANY_REQUESTS: 429,
    INTERNAL_ERROR: 500,
    INTERNAL_SERVER_ERROR: 500,
  });
  expect(METHOD["GET"]).toBe("GET");
  expect(TRANSFER.SSE).toBe("sse");
});
