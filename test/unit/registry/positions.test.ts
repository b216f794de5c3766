import { expect, test } from "vitest";
import { load, problems } from "./support/app.ts";

const cases: readonly (readonly [what: string, text: string, place: string])[] = [
  ["a plain text", "text: is BAD", "7:14"],
  ["a quoted text", `text: "is BAD"`, "7:15"],
  ["a quoted text with escapes", String.raw`text: "\"\x41\u00e9\" BAD"`, "7:27"],
  ["a text in single quotes", `text: 'it''s BAD'`, "7:18"],
  ["a block text", "text: |\n      one\n        BAD", "9:9"],
  ["a block text with an empty start", "text: |-\n\n      one\n      BAD", "10:7"],
  ["a block text that says how far it is moved in", "text: |2\n        one\n      BAD", "9:7"],
  ["a folded text", "text: >\n      one\n\n      BAD", "9:7"],
  ["a text that stands elsewhere", "text: *x", "2:11"],
  ["a text from another file", "text: file://note.txt", "note.txt:2:3"],
];

test.each(cases)("a mistake inside %s is shown where it is", async (_, field, place) => {
  const text = `namespace: app\n.x: &x is BAD\nentries:\n  - name: a\n    kind: widget\n    size: 1\n    ${field}\n`;
  const where = place.includes(".") ? `src/${place}` : `src/_index.yaml:${place}`;
  expect(problems(await load({ "_index.yaml": text, "note.txt": "one\n  BAD" }))).toEqual([
    `${where} invalid-field: BAD text`,
  ]);
  const windows = await load({ "_index.yaml": text.replaceAll("\n", "\r\n"), "note.txt": "one\r\n  BAD" });
  expect(problems(windows)).toEqual([`${where} invalid-field: BAD text`]);
});

test("fields under data, and those that the file's meta gives, are found there", async () => {
  const registry = await load({
    "_index.yaml":
      "namespace: app\nentries:\n  - name: a\n    kind: widget\n    data:\n      size: big\n      parts: [{ label: 1 }]\n",
  });
  expect(problems(registry)).toEqual([
    'src/_index.yaml:6:13 invalid-field: size: expected a number, got string "big"',
    "src/_index.yaml:7:24 invalid-field: parts[0].label: expected a string, got number 1",
  ]);
  const { entries } = await load({
    "_index.yaml":
      "namespace: app\nmeta: { options: 1, own: 2 }\nentries:\n  - { name: a, kind: widget, size: 1, meta: { own: 3 } }\n",
  });
  expect(entries[0]?.entry.locate(["meta", "options"])).toMatchObject({ line: 2, column: 18 });
  expect(entries[0]?.entry.locate(["meta", "own"])).toMatchObject({ line: 4, column: 52 });
});
