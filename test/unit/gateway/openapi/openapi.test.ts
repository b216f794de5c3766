import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { toJson } from "../../../../src/gateway/json.ts";
import { openApiDocument } from "../../../../src/gateway/openapi/document.ts";
import { routesDocument } from "../../../../src/gateway/openapi/routes.ts";
import { Schemas } from "../../../../src/gateway/openapi/schemas.ts";
import type { EndpointRoute } from "../../../../src/hosts/http/routes.ts";
import { parseWit } from "../../../../src/wit/parse/parse.ts";
import { witType, witValue } from "../../../support/wit-arbitraries.ts";
import { served } from "../serve/support.ts";

async function problemsOf(document: object): Promise<unknown> {
  const { valid, errors } = await new Validator().validate({ ...document });
  return valid ? [] : errors;
}

test("the document of a folder is valid OpenAPI 3.1 and follows its modules", async () => {
  await using app = await served({
    "math.wat": `(module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
      (func (export "nothing")))`,
    "typed.wat": `(module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))`,
    "typed.wit": "add: func(a: u32, b: u32) -> u32;",
    "users.wasm": "guest:rust/user-app/user-app.wasm",
    "web.wasm": "guest:rust/web/web.wasm",
    "deep/er/broken.wat": "(module",
  });
  const response = await app.app.request("/openapi.json");
  const document: unknown = await response.json();
  expect(await problemsOf(Object(document))).toEqual([]);
  expect(document).toMatchObject({
    openapi: "3.1.0",
    paths: {
      "/call/math/add": {
        post: {
          operationId: "math:add",
          requestBody: {
            content: {
              "application/json": {
                schema: { type: "array", prefixItems: [{ type: "integer" }, { type: "integer" }] },
              },
            },
          },
          responses: { 200: { content: { "application/json": { schema: { type: "integer" } } } } },
        },
      },
      "/call/math/nothing": { post: { responses: { 204: {} } } },
      "/call/typed/add": {
        post: {
          responses: { 200: { content: { "application/json": { schema: { minimum: 0, maximum: 4_294_967_295 } } } } },
        },
      },
      "/execute/users.wasm": { post: {} },
    },
  });
  expect(JSON.stringify(document)).not.toContain("broken");
});

test("the document of an app's endpoints says what is in the path, the query and the body", async () => {
  const user = "record user { name: string, age: option<u8> }";
  const wits: Readonly<Record<string, string>> = {
    "app:sum": "sum: func(a: s32, b: option<s32>) -> s32;",
    "app:shout": "shout: func(text: string) -> string;",
    "app:save": `${user} save: func(user: user) -> result<user, string>;`,
    "app:drop": "drop: func(id: u64);",
  };
  const route = (method: string, path: string, func: string): EndpointRoute => ({
    id: `app:${method}-${func.slice(4)}`,
    spec: { type: "endpoint", router: "app:r", method, path, func },
    router: {
      type: "router",
      server: "app:s",
      prefix: "/api",
      before: { names: [], options: {} },
      after: { names: [], options: {} },
    },
  });
  const endpoints = [
    route("GET", "/sum/{a}", "app:sum"),
    route("POST", "/sum", "app:sum"),
    route("POST", "/shout", "app:shout"),
    route("PUT", "/users/{name}", "app:save"),
    route("DELETE", "/users/{id}", "app:drop"),
    route("POST", "/lua", "app:lua"),
  ];
  const describe = (id: string) => {
    const [signature] = wits[id] === undefined ? [] : parseWit(wits[id]).functions;
    return { signature, resultForm: "pair", ...(signature && { transport: "wasi-http" as const }) } as const;
  };
  const document = routesDocument({ endpoints, statics: [] }, { describe });
  expect(await problemsOf(document)).toEqual([]);
  const json = (schema: unknown) => ({ content: { "application/json": { schema } } });
  expect(document).toMatchObject({
    paths: {
      "/api/sum/{a}": {
        get: {
          parameters: [
            { name: "a", in: "path", required: true, schema: { type: "integer" } },
            { name: "b", in: "query", schema: { anyOf: [{ type: "integer" }, { type: "null" }] } },
          ],
        },
      },
      "/api/sum": { post: { requestBody: json({ required: ["a"] }), responses: { 200: json({ type: "integer" }) } } },
      "/api/shout": {
        post: {
          requestBody: { content: { "text/plain": {} } },
          responses: { 200: { content: { "text/plain": {} } } },
        },
      },
      "/api/users/{name}": {
        put: {
          parameters: [{ name: "name", in: "path" }],
          requestBody: json({ properties: { age: {} } }),
          responses: { 200: json({ $ref: "#/components/schemas/user" }) },
        },
      },
      "/api/users/{id}": { delete: { responses: { 204: {} } } },
      "/api/lua": { post: { requestBody: { content: { "*/*": {} } } } },
    },
  });
});

test("named types stand under components, and two of one name apart", async () => {
  const schemas = new Schemas();
  const typeOf = (text: string) => {
    const [first] = parseWit(text).functions;
    if (first?.result === undefined) throw new Error("no function");
    return first.result;
  };
  const user = "record user { name: string, age: option<u8>, tags: list<string> }";
  expect(schemas.of(typeOf(`${user} f: func() -> user;`))).toEqual({ $ref: "#/components/schemas/user" });
  expect(schemas.of(typeOf(`${user} f: func() -> list<user>;`))).toEqual({
    type: "array",
    items: { $ref: "#/components/schemas/user" },
  });
  expect(schemas.of(typeOf("enum user { a, b } f: func() -> user;"))).toEqual({ $ref: "#/components/schemas/user-2" });
  expect(schemas.components).toMatchObject({
    user: { required: ["name", "tags"], properties: { name: { type: "string" } } },
    "user-2": { enum: ["a", "b"] },
  });
  const parts = { title: "t", description: "d", version: "1", paths: {}, schemas: schemas.components };
  expect(await problemsOf(openApiDocument(parts))).toEqual([]);
});

const typed = witType().chain((type) => witValue(type).map((value) => ({ type, value })));

test("every value of a WIT type fits the type's schema", () => {
  fc.assert(
    fc.property(typed, ({ type, value }) => {
      const schemas = new Schemas();
      const schema = { ...schemas.of(type), components: { schemas: schemas.components } };
      const ajv = new Ajv2020({ strict: false, validateFormats: false, ownProperties: true });
      const json: unknown = JSON.parse(toJson(value));
      expect([ajv.validate(schema, json), ajv.errors]).toEqual([true, null]);
    }),
    { numRuns: 100 },
  );
});
