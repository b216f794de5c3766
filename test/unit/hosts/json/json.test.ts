import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { instance } from "../lua/support/instance.ts";

const { run } = instance();

describe("json", () => {
  test("what is encoded is decoded again", () => {
    // In Lua nil is nothing, and an empty table is a list.
    const json = fc.jsonValue({ maxDepth: 5 }).map((value) => JSON.stringify(value));
    fc.assert(
      fc.property(
        json.filter((text) => !/null|\{\}/.test(text)),
        (text) => {
          const back = run("return json.encode(json.decode(...))", text);
          expect(typeof back === "string" && JSON.parse(back)).toEqual(JSON.parse(text));
        },
      ),
    );
  });
});

describe("json.validate", () => {
  const person =
    '{ type = "object", required = { "name" }, properties = { name = { type = "string", minLength = 2, pattern = "^[a-z]+$" }, tags = { type = "array", items = { type = "string" } }, more = { type = "object" } }, additionalProperties = false }';

  test.each([
    ['{ name = "ann" }', true],
    ['{ name = "ann", tags = {}, more = {} }', true],
    ['{ name = "ann", tags = { "x" }, more = { y = 1 } }', true],
    ["{}", "the value must have required property 'name'"],
    ['{ name = "A" }', "/name must NOT have fewer than 2 characters"],
    ['{ name = "ann", tags = { 1 } }', "/tags/0 must be string"],
    ['{ name = "ann", age = 1 }', "must NOT have additional properties"],
    ['"text"', "the value must be object"],
    ["{ 1, a = 2 }", "a table has names and positions"],
  ])("%s", async (value, expected) => {
    const [ok, kind, message] = [expected === true, expected === true ? null : "Invalid", expected];
    const found = await run(
      `local ok, e = json.validate(${person}, ${value}) return { ok, e and e:kind() or false, e and e:message() or true }`,
    );
    expect(found).toEqual([ok, kind ?? false, ok ? true : expect.stringContaining(String(message))]);
  });

  test("an error lists every place", async () => {
    expect(
      await run(`local ok, e = json.validate({ items = { type = "integer" } }, { 1, "x", 2.5 })
        local places = {} for i, each in ipairs(e:details().errors) do places[i] = each.path .. " " .. each.keyword end
        return places`),
    ).toEqual(["/1 type", "/2 type"]);
  });

  test("a schema may be text, of either draft, and true or false", async () => {
    expect(
      await run(`local recent = '{"$schema": "https://json-schema.org/draft/2020-12/schema", "prefixItems": [{"type": "integer"}]}'
        return { json.validate('{"type": "integer"}', 1), json.validate(recent, { 1, "x" }), (json.validate(recent, { "x" })),
          json.validate("true", 1), (json.validate("false", 1)) }`),
    ).toEqual([true, true, false, true, false]);
  });

  test("checks text as it stands, with nulls and empty objects", async () => {
    expect(
      await run(`local schema = { properties = { a = { type = "null" }, b = { type = "object" }, c = { type = "array" } } }
        return { json.validate_string(schema, '{"a": null, "b": {}, "c": []}'), (json.validate_string(schema, '{"b": []}')) }`),
    ).toEqual([true, true]);
    expect(await run(`local ok, e = json.validate_string({}, '{') return { ok, e:kind(), e:message() }`)).toEqual([
      false,
      "Invalid",
      expect.stringContaining("not JSON"),
    ]);
  });

  test.each([
    ['{ type = "text" }', "no JSON Schema"],
    ['{ ["$ref"] = "https://example.com/other" }', "no JSON Schema"],
    ["'{'", "not JSON"],
    ["1", "a schema is a table"],
    ['{ pattern = "(?=x)" }', "no JSON Schema"],
    ['string.rep(" ", 300000)', "longer than"],
  ])("the schema %s is refused", async (schema, message) => {
    expect(await run(`local ok, e = json.validate(${schema}, "x") return { ok, e:kind(), e:message() }`)).toEqual([
      false,
      "Invalid",
      expect.stringContaining(message),
    ]);
  });

  test("two patterns of one schema are two", async () => {
    const schema = '{ properties = { a = { pattern = "^x" }, b = { pattern = "^y" } } }';
    expect(
      await run(
        `return { json.validate(${schema}, { a = "x", b = "y" }), (json.validate(${schema}, { a = "x", b = "x" })) }`,
      ),
    ).toEqual([true, false]);
  });

  test("a pattern that would take for ever takes no time", async () => {
    const source = `return (json.validate({ pattern = "^(a+)+$" }, string.rep("a", 5000) .. "b"))`;
    expect(await run(source)).toBe(false);
  });
});
