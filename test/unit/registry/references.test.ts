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
});
