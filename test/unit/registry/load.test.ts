import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { defineKind } from "../../../src/registry/define.ts";
import { loadRegistry } from "../../../src/registry/load.ts";
import type { LoadedRegistry } from "../../../src/registry/registry.ts";
import { formatDiagnostic } from "../../../src/registry/render.ts";
import { indexSchema } from "../../../src/registry/schema.ts";
import { problemInText } from "../../../src/registry/problem.ts";

/** A kind with what kinds have: fields, references, text that may be wrong inside. */
const widget = defineKind({
  name: "widget",
  summary: "Something for tests.",
  schema: z.strictObject({
    size: z.int().min(0).describe("How big."),
    color: z.enum(["red", "green"]).optional().describe("Which color."),
    text: z.string().optional().describe("A text."),
    parts: z
      .array(z.strictObject({ label: z.string().describe("Its label.") }))
      .optional()
      .describe("Parts."),
    needs: z.array(z.string()).optional().describe("Other widgets."),
  }),
  build(spec, entry) {
    const bad = (spec.text ?? "").split("\n").findIndex((line) => line.includes("BAD"));
    if (bad >= 0) {
      const place = { line: bad + 1, column: (spec.text ?? "").split("\n")[bad]?.indexOf("BAD") ?? 0 };
      return [
        problemInText(
          entry,
          ["text"],
          { ...place, column: place.column + 1 },
          { code: "invalid-field", message: "BAD text" },
        ),
      ];
    }
    return {
      references: (spec.needs ?? []).map((id, index) => ({
        path: ["needs", index],
        id,
        kinds: ["widget"],
        required: true,
        acyclic: true,
      })),
      warnings: [],
      provides: {},
    };
  },
});

const folders: string[] = [];
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

async function write(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "weft-registry-"));
  folders.push(root);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, "src", name)), { recursive: true });
    await writeFile(join(root, "src", name), text);
  }
  return root;
}

async function load(
  files: Readonly<Record<string, string>>,
  compat: "weft" | "wippy" = "weft",
): Promise<LoadedRegistry> {
  const root = await write(files);
  return await loadRegistry({ root, source: join(root, "src"), kinds: [widget], compat });
}

function problems(registry: LoadedRegistry): string[] {
  return registry.diagnostics.map(
    ({ code, position, message }) => `${position.file}:${position.line}:${position.column} ${code}: ${message}`,
  );
}

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
      "src/b.yaml:7:11 missing-name: an entry's name must be a text that is not empty",
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

describe("file:// texts", () => {
  test("are pulled in, relative to the file or to the source folder, however deep", async () => {
    const registry = await load({
      "sub/_index.yaml": `
namespace: app
entries:
  - name: a
    kind: widget
    size: 1
    text: file://note.txt
    parts:
      - label: file:///top.txt
`,
      "sub/note.txt": "note",
      "top.txt": "top",
    });
    expect(problems(registry)).toEqual([]);
    expect(registry.get("app:a")?.entry.data).toEqual({ size: 1, text: "note", parts: [{ label: "top" }] });
  });

  test("that lead nowhere, or out of the source folder, are reported where they stand", async () => {
    const root = await write({
      "_index.yaml": `
namespace: app
entries:
  - { name: a, kind: widget, size: 1, text: "file://none.txt" }
  - { name: b, kind: widget, size: 1, text: "file://../../etc/passwd" }
  - { name: c, kind: widget, size: 1, text: "file://" }
  - { name: d, kind: widget, size: 1, text: "file://link.txt" }
`,
    });
    await writeFile(join(root, "secret.txt"), "secret");
    await symlink(join(root, "secret.txt"), join(root, "src", "link.txt"));
    const registry = await loadRegistry({ root, source: join(root, "src"), kinds: [widget], compat: "weft" });
    expect(problems(registry)).toEqual([
      expect.stringContaining("src/_index.yaml:4:45 file-reference: file://none.txt: there is no such file"),
      expect.stringContaining("src/_index.yaml:5:45 file-reference: file://../../etc/passwd leads out"),
      expect.stringContaining("src/_index.yaml:6:45 file-reference: file:// names no file"),
      expect.stringContaining("src/_index.yaml:7:45 file-reference: file://link.txt is a link that leads out"),
    ]);
    expect(registry.entries.map(({ state }) => state)).toEqual(["error", "error", "error", "error"]);
  });

  test("that are wrong inside are reported with their own file and line", async () => {
    const registry = await load({
      "_index.yaml": "namespace: app\nentries:\n  - { name: a, kind: widget, size: 1, text: file://note.txt }\n",
      "note.txt": "fine\n  BAD here\n",
    });
    expect(problems(registry)).toEqual(["src/note.txt:2:3 invalid-field: BAD text"]);
  });
});

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

test("a diagnostic is shown with the lines around it, a mark and a hint", async () => {
  const root = await write({
    "_index.yaml": "namespace: app\nentries:\n  - name: a\n    kind: widget\n    colour: red\n    size: 1\n",
  });
  const registry = await loadRegistry({ root, source: join(root, "src"), kinds: [widget], compat: "weft" });
  const [diagnostic] = registry.diagnostics;
  expect(diagnostic && formatDiagnostic(diagnostic, { root })).toBe(`\
src/_index.yaml:5:5 error unknown-field: widget has no field colour (app:a)
  4 |     kind: widget
  5 |     colour: red
    |     ^^^^^^
  6 |     size: 1
  hint: did you mean color?`);
});

test("the schema of the whole file knows the kinds' fields and both shapes", () => {
  const schema = indexSchema([widget]);
  expect(schema).toMatchObject({
    required: ["namespace"],
    $defs: {
      widget: {
        description: "Something for tests.",
        required: ["size"],
        additionalProperties: false,
        properties: { size: { description: "How big." }, name: {}, meta: {}, kind: { const: "widget" } },
      },
    },
  });
});

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
    [{}, ["app.one:a", "app.one:ab", "app.one:c"]],
  ])("%j", async (filter, ids) => {
    const registry = await load(files);
    expect(registry.find(filter).map(({ id }) => id)).toEqual(ids);
  });

  test.each([
    ["~meta.title", "("],
    ["unknown", 1],
  ])("%s with %j is refused", async (key, wanted) => {
    const registry = await load(files);
    expect(() => registry.find({ [key]: wanted })).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });
});
