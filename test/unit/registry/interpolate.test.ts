import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { load, loadFrom, problems, write } from "./support/app.ts";

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

  test("are pulled into meta too, the file's and the entry's", async () => {
    const registry = await load({
      "_index.yaml": `
namespace: app
meta: { readme: file://top.txt, none: file://none.txt }
entries:
  - { name: a, kind: widget, size: 1, meta: { doc: file://top.txt, folder: file://docs } }
`,
      "top.txt": "top",
      "docs/x.txt": "",
    });
    expect(problems(registry)).toEqual([
      "src/_index.yaml:3:39 file-reference: file://none.txt: there is no such file (looked for src/none.txt)",
      "src/_index.yaml:5:76 file-reference: file://docs: src/docs is a folder",
    ]);
    expect(registry.get("app:a")?.entry.meta).toMatchObject({ doc: "top", readme: "top" });
  });

  test("that are no texts come as bytes", async () => {
    const registry = await load({
      "_index.yaml": "namespace: app\nentries:\n  - { name: a, kind: other, b: file://a.wasm, c: file://latin.txt }\n",
      "a.wasm": Uint8Array.of(0, 0x61, 0x73, 0x6d),
      "latin.txt": Uint8Array.of(0x61, 0xe4),
    });
    expect(registry.get("app:a")?.entry.data).toEqual({
      b: Uint8Array.of(0, 0x61, 0x73, 0x6d),
      c: Uint8Array.of(0x61, 0xe4),
    });
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
    const registry = await loadFrom(root);
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
