import { describe, expect, test } from "vitest";
import { load, problems } from "./support/app.ts";

describe("fields", () => {
  test("every wrong field of every entry is reported at once, where it stands", async () => {
    const registry = await load({
      "_index.yaml": `
namespace: app
entries:
  - name: a
    kind: widget
    size: big
    colour: red
  - name: b
    kind: widget
    size: -1
    color: gren
    parts:
      - label: x
        lable: y
      - {}
  - name: c
    kind: widget
    text: |
      fine
        BAD
    size: 1
  - name: d
    kind: widget
`,
    });
    expect(problems(registry)).toEqual([
      'src/_index.yaml:6:11 invalid-field: size: expected a number, got string "big"',
      "src/_index.yaml:7:5 unknown-field: widget has no field colour",
      "src/_index.yaml:10:11 invalid-field: size: must be at least 0, got number -1",
      'src/_index.yaml:11:12 invalid-field: color: expected "red", "green", got string "gren"',
      "src/_index.yaml:14:9 unknown-field: widget has no field parts[0].lable",
      "src/_index.yaml:15:9 missing-field: widget needs the field parts[1].label",
      "src/_index.yaml:20:9 invalid-field: BAD text",
      "src/_index.yaml:22:11 missing-field: widget needs the field size",
    ]);
    const hints = registry.diagnostics.map(({ hint }) => hint);
    expect(hints).toContain("did you mean color?");
    expect(hints).toContain("did you mean green?");
  });

  test("an app in the other format has unknown fields as warnings, and fields in any case", async () => {
    const registry = await load(
      { "_index.yaml": "namespace: app\nentries:\n  - { name: a, kind: widget, Size: 1, extra: 2 }\n" },
      "wippy",
    );
    expect(registry.get("app:a")?.state).toBe("ok");
    expect(registry.diagnostics.map(({ code, severity }) => [code, severity])).toEqual([["unknown-field", "warning"]]);
  });

  test("a choice of types is explained by the choice that was meant", async () => {
    const registry = await load({
      "_index.yaml": `
namespace: app
entries:
  - { name: a, kind: widget, size: 1, owner: 5 }
  - { name: b, kind: widget, size: 1, owner: "" }
  - { name: c, kind: widget, size: 1, owner: { nam: x } }
`,
    });
    expect(problems(registry)).toEqual([
      "src/_index.yaml:4:46 invalid-field: owner: expected a string or a mapping, got number 5",
      'src/_index.yaml:5:46 invalid-field: owner: must not be empty, got string ""',
      "src/_index.yaml:6:46 missing-field: widget needs the field owner.name",
      "src/_index.yaml:6:48 unknown-field: widget has no field owner.nam",
    ]);
    expect(registry.diagnostics.map(({ hint }) => hint)).toContain("did you mean name?");
  });

  test("the other format minds neither case nor empty fields, however deep", async () => {
    const registry = await load(
      {
        "_index.yaml": `
namespace: app
entries:
  - { name: a, kind: widget, SIZE: 1, color: , Parts: [{ Label: x, more: 1 }], owner: { NAME: y, more: 2 } }
  - { name: b, kind: widget, Size: big }
`,
      },
      "wippy",
    );
    expect(problems(registry)).toEqual([
      "src/_index.yaml:4:68 warning unknown-field: widget has no field parts[0].more",
      "src/_index.yaml:4:98 warning unknown-field: widget has no field owner.more",
      'src/_index.yaml:5:36 invalid-field: size: expected a number, got string "big"',
    ]);
    expect(registry.get("app:a")?.state).toBe("ok");
  });

  test("an unknown kind is kept as data, with one warning for all its entries", async () => {
    const registry = await load({
      "_index.yaml": "namespace: app\nentries:\n  - { name: a, kind: wigdet, x: 1 }\n  - { name: b, kind: wigdet }\n",
    });
    expect(registry.diagnostics).toMatchObject([
      { code: "unknown-kind", severity: "warning", hint: "did you mean widget?" },
    ]);
    expect(registry.view("app:a").data).toEqual({ x: 1 });
    expect(registry.get("app:a")?.state).toBe("inert");
  });
});
