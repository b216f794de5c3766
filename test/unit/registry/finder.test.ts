import { describe, expect, test } from "vitest";
import { load } from "./support/app.ts";

describe("finding entries", () => {
  const files = {
    "_index.yaml": `
namespace: app.one
entries:
  - { name: a, kind: widget, size: 1, meta: { type: test, tags: [x, y], title: "Alpha beta", deep: { er: 1 } } }
  - { name: ab, kind: widget, size: 1, meta: { type: test, tags: [y], title: "Beta" } }
  - { name: c, kind: other, meta: { type: page } }
`,
  };
  test.each([
    [{ ".kind": "widget" }, ["app.one:a", "app.one:ab"]],
    [{ kind: "widget", name: "a" }, ["app.one:a"]],
    [{ ".name": "a*" }, ["app.one:a", "app.one:ab"]],
    [{ ".ns": "app.*" }, ["app.one:a", "app.one:ab", "app.one:c"]],
    [{ type: "page" }, ["app.one:c"]],
    [{ "meta.tags": ["x", "y"] }, ["app.one:a"]],
    [{ "*meta.tags": "y" }, ["app.one:a", "app.one:ab"]],
    [{ "~meta.title": "^[AB]\\w+ b" }, ["app.one:a"]],
    [{ "^meta.title": "Be" }, ["app.one:ab"]],
    [{ "$meta.title": "beta" }, ["app.one:a"]],
    [{ "meta.deep.er": 1 }, ["app.one:a"]],
    [{ "~.name": "^a+$" }, ["app.one:a"]],
    [{ "*.id": "one:a" }, ["app.one:a", "app.one:ab"]],
    [{ "meta.toString": "x" }, []],
    [{ unknown: 1 }, []],
    [{ constructor: 1 }, []],
    [{ "~toString": "x" }, []],
    [{ "meta.title.length": 5 }, []],
    [{}, ["app.one:a", "app.one:ab", "app.one:c"]],
  ])("%j", async (filter, ids) => {
    const registry = await load(files);
    expect(registry.find(filter).map(({ id }) => id)).toEqual(ids);
  });

  test("the same filter finds the same entries, and another order of keys too", async () => {
    const registry = await load(files);
    const first = registry.find({ ".ns": "app.one", ".name": "a*" });
    expect(registry.find({ ".ns": "app.one", ".name": "a*" })).toBe(first);
    expect(registry.find({ ".name": "a*", ".ns": "app.one" })).toEqual(first);
    expect(registry.find({ ".ns": "app.one", ".name": "a" })).not.toEqual(first);
  });

  test.each([
    ["~meta.title", "("],
    ["*meta.title", { a: 1 }],
    [".unknown", 1],
    ["data.text", 1],
  ])("%s with %j is refused", async (key, wanted) => {
    const registry = await load(files);
    expect(() => registry.find({ [key]: wanted })).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });
});
