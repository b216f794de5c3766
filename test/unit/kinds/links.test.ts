import { expect, test } from "vitest";
import type { Value } from "../../../src/core/values.ts";
import { isLinked, linkRequests, servesInterface } from "../../../src/kinds/shared/links.ts";
import { brief, checked, entryOf, problemsOf } from "./support/entry.ts";

const importing = (...imports: Value[]) => entryOf("function.wat", { source: "(module)", method: "f", imports });
const from = "a:b";

test.each<[Value, readonly string[]]>([
  [{ interface: "a:b/c@1.0.0", from }, []],
  [{ interface: "a:b/c", functions: { f: from, g: { ns: "a", name: "b" } } }, []],
  [{ function: "f", from: "b" }, []],
  [{ module: "env", function: "f", from: { name: "b" } }, []],
  [{}, ["invalid-field at imports[0]"]],
  [{ from }, ["invalid-field at imports[0]"]],
  [{ interface: "a:b/c" }, ["invalid-field at imports[0]"]],
  [{ interface: "a:b/c", function: "f", from }, ["invalid-field at imports[0]"]],
  [{ interface: "a:b/c", from, functions: { f: from } }, ["invalid-field at imports[0]"]],
  [{ function: "f", functions: { f: from } }, ["invalid-field at imports[0]"]],
  [{ interface: "a:b/c", module: "env", from }, ["invalid-field at imports[0]"]],
  [{ ns: "wasi" }, ["invalid-field at imports[0]"]],
  [{ name: "funcs" }, []],
  [{ ns: "wasi", name: "clocks" }, []],
  [{ name: "funcs", from }, ["invalid-field at imports[0]"]],
  [{ form: "a:b", function: "f" }, ["unknown-field at key imports[0].form"]],
  [{ interface: 7, from }, ["invalid-field at imports[0].interface"]],
  [{ function: "f", from: "a:" }, ["invalid-field at imports[0].from"]],
  [{ interface: "", from }, ["invalid-field at imports[0].interface"]],
  [7, ["invalid-field at imports[0]"]],
])("an item %j is right, or reported where it is wrong", (item, expected) => {
  expect(problemsOf(importing(item)).map(brief)).toEqual(expected);
});

test("links are references that may not run in circles, and grants are not", () => {
  const entry = importing(
    "funcs",
    { function: "f", from: "b" },
    { interface: "a:b/c", from: "x:lib" },
    { interface: "a:b/d", functions: { g: "c" } },
  );
  const needs = { required: true, acyclic: true };
  const callable = ["function.lua", "function.wasm", "function.wat"];
  expect(checked(entry).references).toEqual([
    { path: ["imports", 1, "from"], id: "app:b", kinds: callable, ...needs },
    { path: ["imports", 2, "from"], id: "x:lib", kinds: [...callable, "library.lua"], ...needs },
    { path: ["imports", 3, "functions", "g"], id: "app:c", kinds: callable, ...needs },
  ]);
});

test("what is linked may wait: by interface without version, by the name of a function in any spelling", () => {
  const items = [
    { interface: "a:b/c@1.2.0", from },
    { function: "to_log", from },
  ];
  const linked = isLinked(linkRequests(importing(), items));
  expect(linked("a:b/c", "anything")).toBe(true);
  expect(linked("a:b/d", "anything")).toBe(false);
  expect(linked("", "to-log")).toBe(true);
  expect(linked("", "log")).toBe(false);
});

test.each([
  ["a:b/c@1.1.0", "a:b/c@1.0.0", true],
  ["a:b/c@1.0.0", "a:b/c@1.1.0", false],
  ["a:b/c@2.0.0", "a:b/c@1.0.0", false],
  ["a:b/c@0.2.3", "a:b/c@0.2.0", true],
  ["a:b/c@0.3.0", "a:b/c@0.2.0", false],
  ["a:b/c", "a:b/c@1.0.0", true],
  ["a:b/c@1.0.0", "a:b/c", true],
  ["a:b/c@1.0.0", "a:b/d@1.0.0", false],
])("%s serves %s: %s", (offered, wanted, expected) => {
  expect(servesInterface(offered, wanted)).toBe(expected);
});
