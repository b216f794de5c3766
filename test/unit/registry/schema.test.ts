import { expect, test } from "vitest";
import { indexSchema } from "../../../src/registry/schema.ts";
import { schemaProblems } from "../../support/json-schema.ts";
import { widget } from "./support/app.ts";

const schema = indexSchema([widget]);
const entry = { name: "a", kind: "widget", size: 1, meta: { type: "gear", own: 1 } };

const right: readonly (readonly [what: string, file: object])[] = [
  ["several entries", { version: "1.0", namespace: "app", meta: { team: "blue" }, entries: [entry] }],
  ["no entries", { namespace: "app", entries: [] }],
  ["a single entry", { version: 1, namespace: "app", ...entry }],
  ["fields under data", { namespace: "app", entries: [{ name: "a", kind: "widget", data: { size: 1 } }] }],
  ["an unknown kind", { namespace: "app", entries: [{ name: "a", kind: "gadget", anything: [1] }] }],
];

test.each(right)("%s fits", (_, file) => {
  expect(schemaProblems(schema, file)).toEqual([]);
});

const wrong: readonly (readonly [what: string, file: object, expected: string])[] = [
  ["no namespace", { entries: [] }, ": needs namespace"],
  ["neither shape", { namespace: "app" }, ": needs name"],
  ["a namespace with a colon", { namespace: "a:b", entries: [] }, "/namespace: must match"],
  ["an entry without a kind", { namespace: "app", entries: [{ name: "a" }] }, "/entries/0: needs kind"],
  ["a missing field", { namespace: "app", entries: [{ name: "a", kind: "widget" }] }, "/entries/0: needs size"],
  ["an unknown field", { namespace: "app", entries: [{ ...entry, colour: 1 }] }, "/entries/0/colour: nothing may"],
  ["a wrong type", { namespace: "app", entries: [{ ...entry, size: "1" }] }, "/entries/0/size: must be integer"],
  ["a wrong field of a single entry", { namespace: "app", ...entry, size: -1 }, "/size: too small"],
  [
    "a wrong field under data",
    { namespace: "app", entries: [{ name: "a", kind: "widget", data: { sise: 1 } }] },
    "/entries/0/data: needs size",
  ],
  [
    "a field beside data",
    { namespace: "app", entries: [{ name: "a", kind: "widget", data: { size: 1 }, size: 1 }] },
    "/entries/0/size: nothing may",
  ],
];

test.each(wrong)("%s does not", (_, file, expected) => {
  expect(schemaProblems(schema, file)).toContainEqual(expect.stringContaining(expected));
});

test("an entry without a kind is not measured by the fields of every kind", () => {
  expect(schemaProblems(schema, { namespace: "app", entries: [{ name: "a" }] })).toEqual(["/entries/0: needs kind"]);
});

test("fields and kinds come with their sentences", () => {
  expect(schema).toMatchObject({
    $defs: {
      widget: { description: "Something for tests.", else: { properties: { size: { description: "How big." } } } },
    },
  });
});
