import { chmod, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { load, loadFrom, problems, write } from "./support/app.ts";

const good = { "good.yaml": "namespace: good\nentries:\n  - { name: a, kind: widget, size: 1 }\n" };
const nest = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;
const times = (name: string): string => Array.from({ length: 10 }, () => `*${name}`).join(",");

const cases: readonly (readonly [what: string, text: string, expected: readonly string[]])[] = [
  [
    "an alias without an anchor",
    "namespace: app\nentries:\n  - { name: *a, kind: *b }\n",
    [
      "3:13 yaml-syntax: *a has no anchor: nothing before it is called &a",
      "3:23 yaml-syntax: *b has no anchor: nothing before it is called &b",
    ],
  ],
  [
    "a merge of what is no mapping",
    "namespace: app\nentries:\n  - name: a\n    kind: widget\n    <<: 5\n",
    ["5:9 yaml-syntax: << merges mappings: expected one, a list of them, or an alias of one"],
  ],
  [
    "more aliases than memory",
    `namespace: app\na: &a [1]\nb: &b [${times("a")}]\nc: &c [${times("b")}]\nd: &d [${times("c")}]\ne: [${times("d")}]\nentries: []\n`,
    ["1:1 yaml-syntax: Excessive alias count indicates a resource exhaustion attack"],
  ],
  [
    "data deeper than anybody writes",
    `namespace: app\nx: ${nest(101)}\nentries: []\n`,
    ["2:103 yaml-syntax: nested deeper than 100 levels"],
  ],
  ["data without a bottom", `namespace: app\nx: ${nest(20_000)}\n`, ["yaml-syntax: nested deeper than 100 levels"]],
  ["a key that is a list", "namespace: app\n? [a, b]\n: 1\nentries: []\n", ["2:3 yaml-syntax: a key must be a text"]],
  [
    "a key twice",
    "namespace: app\nentries:\n  - { name: a, kind: widget, size: 1, size: 2 }\n",
    ["3:39 yaml-syntax: Map keys must be unique"],
  ],
  [
    "a second document",
    "namespace: app\nentries: []\n---\nnamespace: b\n",
    ["3:1 yaml-syntax: one file holds one document: this is a second one"],
  ],
  ["an unknown tag", "namespace: app\nx: !thing 5\nentries: []\n", ["2:4 warning yaml-syntax: Unresolved tag: !thing"]],
  [
    "a namespace that is a number",
    "namespace: 5\nentries: []\n",
    ["1:12 invalid-namespace: a namespace is a text that is not empty and has no colon, got number 5"],
  ],
  [
    "a namespace with a colon",
    "namespace: a:b\nentries: []\n",
    ['1:12 invalid-namespace: a namespace is a text that is not empty and has no colon, got string "a:b"'],
  ],
  [
    "entries that are a mapping",
    "namespace: app\nentries:\n  a: { kind: widget }\n",
    ["2:1 missing-namespace-entries: `entries` must be a list, got a mapping"],
  ],
  [
    "an entry that is a text",
    "namespace: app\nentries:\n  - widget\n  -\n",
    [
      '3:5 invalid-entry: an entry is a mapping with a name and a kind, got string "widget"',
      "4:4 invalid-entry: an entry is a mapping with a name and a kind, got nothing",
    ],
  ],
  [
    "a kind that is a list",
    "namespace: app\nentries:\n  - { name: a, kind: [] }\n",
    ["3:22 missing-kind: an entry's kind must be a text that is not empty, got a list"],
  ],
  [
    "meta that is a text",
    "namespace: app\nmeta: all\nentries:\n  - { name: a, kind: widget, size: 1, meta: own }\n",
    [
      '2:7 invalid-field: meta: expected a mapping, got string "all"',
      '4:45 invalid-field: meta: expected a mapping, got string "own"',
    ],
  ],
  [
    "data that is a list",
    "namespace: app\nentries:\n  - { name: a, kind: strange, data: [1] }\n",
    ["unknown-kind", "3:37 invalid-field: data: expected a mapping, got a list"],
  ],
  [
    "a field beside data",
    "namespace: app\nentries:\n  - { name: a, kind: widget, data: { size: 1 }, color: red }\n",
    ["3:49 unknown-field: color stands beside `data`, where it is not read"],
  ],
  [
    "a key of the file that is nearly right",
    "namespace: app\nmetta: {}\nanchors: {}\nentries: []\n",
    ["2:1 warning unknown-field: a file has no field metta"],
  ],
];

test.each(cases)("%s is reported where it stands, and the other files are read", async (_, text, expected) => {
  const registry = await load({ "bad.yaml": text, ...good });
  const found = problems(registry);
  expect(found).toEqual(expected.map((item) => expect.stringContaining(item)));
  expect(registry.get("good:a")?.state).toBe("ok");
});

test("misspelt entries get a hint", async () => {
  const registry = await load({ "_index.yaml": "namespace: app\nentires:\n  - { name: a, kind: widget, size: 1 }\n" });
  expect(registry.diagnostics).toMatchObject([
    { code: "missing-namespace-entries", position: { line: 2 }, hint: "did you mean entries instead of entires?" },
  ]);
});

test("what an app in the other format never minded is a warning there", async () => {
  const text = "namespace: app\nentries:\n  - { name: a, kind: widget, data: { size: 1 }, color: red, meta: own }\n";
  const registry = await load({ "_index.yaml": text }, "wippy");
  expect(registry.diagnostics.map(({ severity }) => severity)).toEqual(["warning", "warning"]);
  expect(registry.get("app:a")).toMatchObject({ state: "ok", entry: { data: { size: 1 }, meta: {} } });
});

test("files that are none of ours are left alone, whatever they hold", async () => {
  const registry = await load({
    "package.json": '{"name": "x"',
    "list.yaml": "- a\n- b\n",
    "empty.yaml": "",
    "text.yml": "just a text",
    "other.yaml": "name: x\nkind: widget\n",
    ...good,
  });
  expect(problems(registry)).toEqual([]);
});

test("aliases and merges are followed, and fields are found where they come from", async () => {
  const registry = await load({
    "_index.yaml": `
namespace: app
common: &common
  kind: widget
  size: small
more: &more { color: blue }
list: &list
  - name: a
    <<: [*common, *more]
entries: *list
`,
  });
  expect(problems(registry)).toEqual([
    'src/_index.yaml:5:9 invalid-field: size: expected a number, got string "small"',
    'src/_index.yaml:6:22 invalid-field: color: expected "red", "green", got string "blue"',
  ]);
});

test("keys of an object's own making are only data", async () => {
  const registry = await load({
    "_index.yaml": "namespace: app\nentries:\n  - { name: a, kind: widget, size: 1, __proto__: { color: blue } }\n",
  });
  expect(problems(registry)).toEqual(["src/_index.yaml:3:39 unknown-field: widget has no field __proto__"]);
});

test.skipIf(process.getuid?.() === 0)("a folder that cannot be read is reported, and the others are read", async () => {
  const root = await write(good);
  await mkdir(join(root, "src/closed"));
  await chmod(join(root, "src/closed"), 0o000);
  const registry = await loadFrom(root);
  await chmod(join(root, "src/closed"), 0o700);
  expect(problems(registry)).toEqual([expect.stringContaining("src/closed:1:1 file-unreadable")]);
  expect(registry.get("good:a")?.state).toBe("ok");
});

test("a file that cannot be read is reported", async () => {
  const root = await write(good);
  await symlink(join(root, "nowhere.yaml"), join(root, "src", "gone.yaml"));
  expect(problems(await loadFrom(root))).toEqual([expect.stringContaining("src/gone.yaml:1:1 file-unreadable")]);
});

test("more files than a process may open at once are read", async () => {
  const files = Array.from({ length: 1_500 }, (_, index) => [
    `f${index}.yaml`,
    `namespace: n${index}\nname: a\nkind: widget\nsize: 1\n`,
  ]);
  const registry = await load(Object.fromEntries(files));
  expect(registry.entries).toHaveLength(1_500);
  expect(problems(registry)).toEqual([]);
});
