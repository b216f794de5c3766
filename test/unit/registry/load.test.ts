import { describe, expect, test } from "vitest";
import { load, problems } from "./support/app.ts";

describe("reading files", () => {
  test("both shapes of file, file-level meta under the entry's, nested folders, JSON", async () => {
    const registry = await load({
      "_index.yaml": `
version: "1.0"
namespace: app
meta: { team: blue, type: none }
entries:
  - name: a
    kind: widget
    meta: { type: gear }
    size: 1
`,
      "deep/one.yml": "namespace: app.deep\nname: b\nkind: widget\nversion: 1\nsize: 2\n",
      "deep/more.json": '{"namespace": "app.json", "entries": [{"name": "c", "kind": "widget", "data": {"size": 3}}]}',
      "package.json": '{"name": "not ours"}',
      "node_modules/x/_index.yaml": "namespace: no\nentries: [{ name: x, kind: widget }]\n",
      ".hidden/_index.yaml": "namespace: no\nentries: [{ name: x, kind: widget }]\n",
    });
    expect(problems(registry)).toEqual([]);
    const found = registry.entries.map(({ entry }) => [entry.id, entry.data, entry.meta]);
    expect(found).toHaveLength(3);
    expect(found).toContainEqual(["app:a", { size: 1 }, { team: "blue", type: "gear" }]);
    expect(found).toContainEqual(["app.deep:b", { size: 2 }, {}]);
    expect(found).toContainEqual(["app.json:c", { size: 3 }, {}]);
  });

  test("a file that is not YAML is reported with its place, and the others are loaded", async () => {
    const registry = await load({
      "bad.yaml": "namespace: app\nentries:\n  - name: [unclosed\n",
      "good.yaml": "namespace: app\nentries:\n  - { name: a, kind: widget, size: 1 }\n",
    });
    expect(problems(registry)).toEqual([expect.stringMatching(/^src\/bad\.yaml:\d+:\d+ yaml-syntax: /)]);
    expect(registry.get("app:a")?.state).toBe("ok");
  });

  test("what an entry cannot do without is asked for where it is missing", async () => {
    const registry = await load({
      "a.yaml": "namespace: app\n",
      "b.yaml":
        "namespace: app\nentries:\n  - kind: widget\n    size: 1\n  - name: x\n    size: 1\n  - name: 7\n    kind: widget\n",
    });
    expect(problems(registry)).toEqual([
      "src/a.yaml:1:1 missing-namespace-entries: src/a.yaml has a namespace but neither `entries` nor `name` and `kind`",
      "src/b.yaml:3:5 missing-name: an entry needs a name",
      "src/b.yaml:5:5 missing-kind: an entry needs a kind",
      "src/b.yaml:7:11 missing-name: an entry's name must be a text that is not empty, got number 7",
    ]);
  });

  test("an id that is there twice names both places", async () => {
    const registry = await load({
      "a.yaml": "namespace: app\nentries:\n  - { name: a, kind: widget, size: 1 }\n",
      "b.yaml": "namespace: app\nentries:\n  - { name: a, kind: widget, size: 2 }\n",
    });
    expect(problems(registry)).toEqual([
      "src/b.yaml:3:13 duplicate-id: app:a is there twice: the first is at src/a.yaml:3",
    ]);
  });
});
