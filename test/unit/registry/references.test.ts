import { describe, expect, test } from "vitest";
import { load, problems } from "./support/app.ts";

describe("references", () => {
  test("entries come in the order in which they need each other", async () => {
    const registry = await load({
      "_index.yaml": `
namespace: app
entries:
  - { name: a, kind: widget, size: 1, needs: ["app:c", "app:b"] }
  - { name: b, kind: widget, size: 1, needs: ["app:c"] }
  - { name: c, kind: widget, size: 1 }
  - { name: d, kind: widget, size: 1 }
`,
    });
    expect(registry.levels).toEqual([["app:c", "app:d"], ["app:b"], ["app:a"]]);
  });

  test("to nothing, to a kind that does not fit, to a broken entry and around in a circle are errors", async () => {
    const registry = await load({
      "_index.yaml": `
namespace: app
entries:
  - { name: a, kind: widget, size: 1, needs: ["app:bb"] }
  - { name: b, kind: widget, size: -1 }
  - { name: c, kind: widget, size: 1, needs: ["app:b"] }
  - { name: d, kind: widget, size: 1, needs: ["app:other"] }
  - { name: other, kind: strange }
  - { name: x, kind: widget, size: 1, needs: ["app:y"] }
  - { name: y, kind: widget, size: 1, needs: ["app:x"] }
  - { name: fine, kind: widget, size: 1 }
`,
    });
    const found = problems(registry);
    expect(found).toContain("src/_index.yaml:4:47 unknown-reference: needs[0]: there is no entry app:bb");
    expect(found).toContain("src/_index.yaml:6:47 broken-reference: needs[0]: app:b has errors, so app:c cannot load");
    expect(found).toContain(
      "src/_index.yaml:7:47 wrong-reference: needs[0]: app:other is a strange, which does not fit here",
    );
    expect(found).toContain(
      "src/_index.yaml:9:47 reference-cycle: needs[0]: entries need each other in a circle: app:x -> app:y -> app:x",
    );
    expect(registry.get("app:fine")?.state).toBe("ok");
  });

  test("an id of the right name in the wrong namespace is the first that is offered", async () => {
    const registry = await load({
      "a.yaml": 'namespace: app\nentries:\n  - { name: a, kind: widget, size: 1, needs: ["app:thing"] }\n',
      "b.yaml": "namespace: far.away\nname: thing\nkind: widget\nsize: 1\n",
    });
    expect(registry.diagnostics.map(({ hint }) => hint)).toEqual(["did you mean far.away:thing?"]);
  });

  test("references of an entry with an unknown field are followed in the same run", async () => {
    const registry = await load({
      "_index.yaml":
        'namespace: app\nentries:\n  - { name: a, kind: widget, size: 1, sise: 2, needs: ["app:nothing"] }\n',
    });
    expect(registry.diagnostics.map(({ code }) => code)).toEqual(["unknown-field", "unknown-reference"]);
    expect(registry.get("app:a")?.state).toBe("error");
  });

  test("what needs a broken entry is broken, however far away it is, and says by whom", async () => {
    const registry = await load({
      "_index.yaml": `
namespace: app
entries:
  - { name: a, kind: widget, size: 1, needs: ["app:b"] }
  - { name: b, kind: widget, size: 1, needs: ["app:c"] }
  - { name: c, kind: widget }
`,
    });
    expect(problems(registry).toSorted()).toEqual([
      "src/_index.yaml:4:47 broken-reference: needs[0]: app:b has errors, so app:a cannot load",
      "src/_index.yaml:5:47 broken-reference: needs[0]: app:c has errors, so app:b cannot load",
      "src/_index.yaml:6:13 missing-field: widget needs the field size",
    ]);
  });

  test("an entry whose id was taken is left out, and what is wrong with it is said all the same", async () => {
    const registry = await load({
      "a.yaml": "namespace: app\nname: a\nkind: widget\nsize: 1\n",
      "b.yaml": "namespace: app\nname: a\nkind: widget\ntext: file://none.txt\n",
    });
    expect(registry.diagnostics.map(({ code, position }) => [code, position.file, position.line])).toEqual([
      ["duplicate-id", "src/b.yaml", 2],
      ["file-reference", "src/b.yaml", 4],
      ["missing-field", "src/b.yaml", 2],
    ]);
    expect(registry.get("app:a")).toMatchObject({ state: "ok", entry: { data: { size: 1 } } });
  });
});

test("an id that nobody has is answered with the nearest", async () => {
  const registry = await load({ "_index.yaml": "namespace: app\nname: thing\nkind: widget\nsize: 1\n" });
  expect(registry.view("app:thing")).toEqual({ id: "app:thing", kind: "widget", meta: {}, data: { size: 1 } });
  expect(() => registry.view("app:thin")).toThrow("there is no entry app:thin; did you mean app:thing?");
});
