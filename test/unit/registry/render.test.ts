import { expect, test } from "vitest";
import type { Position } from "../../../src/registry/entry.ts";
import { diagnosticJson, formatDiagnostic } from "../../../src/registry/render.ts";
import { load, loadFrom, write } from "./support/app.ts";

test("a diagnostic is shown with the lines around it, a mark and a hint", async () => {
  const root = await write({
    "_index.yaml": "namespace: app\nentries:\n  - name: a\n    kind: widget\n    colour: red\n    size: 1\n",
  });
  const registry = await loadFrom(root);
  const [diagnostic] = registry.diagnostics;
  expect(diagnostic && formatDiagnostic(diagnostic, { root })).toBe(`\
src/_index.yaml:5:5 error unknown-field: widget has no field colour (app:a)
  4 |     kind: widget
  5 |     colour: red
    |     ^^^^^^
  6 |     size: 1
  hint: did you mean color?`);
});

function shown(text: string, position: Partial<Position>, root: string): string {
  const at = { file: "src/a.yaml", line: 1, column: 1, ...position };
  const what = { code: "x", severity: "warning", message: text, entry: undefined, hint: undefined } as const;
  return formatDiagnostic({ ...what, position: at }, { root });
}

test("of a long line the part with the mark is shown", async () => {
  const root = await write({ "a.yaml": `${"a".repeat(300)}HERE${"b".repeat(300)}\n` });
  const [, frame = "", mark = ""] = shown("m", { column: 301, endLine: 1, endColumn: 305 }, root).split("\n");
  expect(frame.length).toBeLessThan(120);
  expect(frame.slice(mark.indexOf("^"), mark.indexOf("^") + 4)).toBe("HERE");
  expect(mark.trimEnd()).toMatch(/\^{4}$/);
});

test("the mark stays under the text after tabs, and at the end of a line", async () => {
  const root = await write({ "a.yaml": "\tx: y\r\n" });
  expect(shown("m", { column: 2, endLine: 1, endColumn: 3 }, root)).toContain("1 | \tx: y\n    | \t^");
  expect(shown("m", { column: 6 }, root)).toContain("1 | \tx: y\n    | \t    ^");
});

test("what would steer the terminal is not printed", async () => {
  const root = await write({ "a.yaml": "x: \u001b[31mred\n" });
  expect(shown("a \u001b[2J b", { column: 4 }, root)).not.toContain("\u001b");
});

test("a place in a file that is gone is still named", () => {
  expect(shown("m", { line: 7 }, "/nowhere")).toBe("src/a.yaml:7:1 warning x: m");
});

test("programs get the same, with null for what is not there", async () => {
  const registry = await load({
    "_index.yaml": "namespace: app\nentries:\n  - { name: a, kind: widget, colour: red, size: 1 }\n",
  });
  expect(registry.diagnostics.map(diagnosticJson)).toEqual([
    {
      code: "unknown-field",
      severity: "error",
      message: "widget has no field colour",
      entry: "app:a",
      file: "src/_index.yaml",
      line: 3,
      column: 30,
      hint: "did you mean color?",
    },
  ]);
  const [broken] = (await load({ "_index.yaml": "namespace: app\n" })).diagnostics.map(diagnosticJson);
  expect(broken).toMatchObject({ entry: null, hint: null });
});
