import { expect, test } from "vitest";
import { formatDiagnostic } from "../../../src/registry/render.ts";
import { loadFrom, write } from "./support/app.ts";

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
