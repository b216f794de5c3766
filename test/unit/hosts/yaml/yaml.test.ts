import * as fc from "fast-check";
import { expect, test } from "vitest";
import { toValue } from "../../../../src/core/values.ts";
import { instance } from "../lua/support/instance.ts";

const { run } = instance();

test("reads one document", async () => {
  const text = "a: 1\nb: [x, 2.5, true, ~]\nc: {d: 2026-11-21}\nbase: &b {x: 1}\nmore:\n  <<: *b\n  y: 2\n";
  expect(await run("return yaml.decode(...)", text)).toEqual({
    a: 1,
    b: ["x", 2.5, true],
    c: { d: "2026-11-21" },
    base: { x: 1 },
    more: { x: 1, y: 2 },
  });
});

test("what is encoded is decoded again", async () => {
  const json = fc.jsonValue({ maxDepth: 4 }).map((value) => toValue(JSON.parse(JSON.stringify(value)), "it"));
  await fc.assert(
    fc.asyncProperty(
      json.filter((value) => !/null|\{\}/.test(JSON.stringify(value))),
      async (value) => {
        expect(await run("return yaml.decode(yaml.encode(...))", value)).toEqual(value);
      },
    ),
  );
});

test.each([
  ["yaml.decode('a: [')", "not YAML"],
  ["yaml.decode('a: 1\\na: 2')", "not YAML"],
  ["yaml.decode(string.char(255))", "not YAML"],
  ["yaml.decode(string.rep(' ', 3000000))", "longer than"],
  ["yaml.encode({ a = { 0/0 } })", "value.a[1]: the number is not finite"],
  ["yaml.encode({ 1, a = 2 })", "value: the table has names and positions"],
  ["yaml.encode({ a = string.char(255) })", "value.a: a string is not valid UTF-8"],
])("%s is refused", async (source, message) => {
  expect(await run(`local v, e = ${source} return { v == nil, e:kind(), e:message() }`)).toEqual([
    true,
    "Invalid",
    expect.stringContaining(message),
  ]);
});

test("a small text does not become a huge value", async () => {
  const layers = Array.from(
    { length: 9 },
    (_, i) => `l${i + 1}: &l${i + 1} [${"*l".concat(String(i), ", ").repeat(9)}]`,
  );
  const text = ["l0: &l0 [x, x]", ...layers].join("\n");
  expect(await run("local v, e = yaml.decode(...) return e:message()", text)).toContain("alias");
});
