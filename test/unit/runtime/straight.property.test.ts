import * as fc from "fast-check";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rootContext } from "../../../src/core/context.ts";
import { toValue, type Value } from "../../../src/core/values.ts";
import { prepareComponent } from "../../../src/engine/wasm/component/prepare.ts";
import { prepareCore } from "../../../src/engine/wasm/core/prepare.ts";
import type { Placement } from "../../../src/registry/placement.ts";
import type { ControlPlane } from "../../../src/runtime/control/control.ts";
import { startControl } from "../../support/control.ts";
import { parseWit } from "../../../src/wit/parse/parse.ts";
import { luaPlacement } from "../../support/placements.ts";
import { witValue } from "../../support/wit-arbitraries.ts";

/** Values that go from Lua straight into a guest, and those that are made canonical first, come to the same. */
const shapes = readFileSync(new URL("../../guests/rust/shapes/shapes.wasm", import.meta.url));
const records = new URL("../../guests/c/records/", import.meta.url);
const methods = [
  "echo-list-u32",
  "echo-list-f64",
  "echo-list-bool",
  "echo-list-string",
  "echo-list-list",
  "echo-list-option",
  "echo-list-record",
  "echo-tuple",
  "echo-point",
  "echo-person",
  "echo-mixed",
  "echo-shape",
  "echo-option-u32",
  "echo-option-record",
  "echo-option-option",
  "echo-result",
  "echo-result-ok",
  "echo-result-err",
  "echo-result-bare",
  "echo-list-result",
  "transform-users",
  "checked",
  "optional-tail",
];

/** Calls the same function both ways: an executor with options of its own makes its arguments canonical. */
const both = `
local funcs = require("funcs")
local function told(ok, value, err) return { ok = ok, value = value, err = type(err) == "userdata" and tostring(err) or err } end
return function(id, ...)
  local canonical = funcs.new():with_options({ timeout = "1m" })
  return { straight = told(pcall(funcs.call, id, ...)), canonical = told(pcall(canonical.call, canonical, id, ...)) }
end`;

let control: ControlPlane;
const placements = new Map<string, Placement>();
beforeAll(async () => {
  control = await startControl(0);
  const base = luaPlacement("t:both", both, ["funcs"]);
  control.place(base);
  for (const method of methods) {
    const id = `t:${method}`;
    const program = await prepareComponent(shapes, { name: id, method });
    placements.set(method, { ...base, id, program, signature: program.signature });
  }
  const { functions } = parseWit(readFileSync(new URL("records.wit", records), "utf8"));
  const signature = functions.find(({ name }) => name === "transform-users");
  const bytes = readFileSync(new URL("records.wasm", records));
  const core = prepareCore(bytes, { name: "t:core", method: "transform-users", signature });
  placements.set("core", { ...base, id: "t:core", program: core, signature });
  for (const placement of placements.values()) control.place(placement);
});
afterAll(async () => control[Symbol.asyncDispose]());

async function callBoth(id: string, args: readonly Value[]): Promise<Record<"straight" | "canonical", unknown>> {
  const context = rootContext();
  const answer = await control.dispatcher.call({ id: "t:both", args: [id, ...args], checked: false, context });
  if (typeof answer !== "object" || answer === null) throw new Error("no answer");
  return { straight: Reflect.get(answer, "straight"), canonical: Reflect.get(answer, "canonical") };
}

test.each([...methods, "core"])("%s gives the same both ways, whatever it is given", async (method) => {
  const placement = placements.get(method);
  const params = placement?.signature?.params ?? [];
  const fitting = fc.tuple(...params.map(({ type }) => witValue(type)));
  const anything = fc.tuple(...params.map(() => fc.jsonValue({ maxDepth: 3 })));
  await fc.assert(
    fc.asyncProperty(fc.oneof({ weight: 3, arbitrary: fitting }, { weight: 1, arbitrary: anything }), async (args) => {
      const { straight, canonical } = await callBoth(placement?.id ?? "", args.map(plain));
      expect(straight).toEqual(canonical);
    }),
    { numRuns: 60 },
  );
});

/** What fast-check makes, as data: it has objects without a prototype. */
function plain(value: unknown): Value {
  return toValue(structuredClone(value), "it");
}

describe("a wrong value", () => {
  test.each([
    [
      "transform-users",
      [[{ id: 1, name: "a", tags: [7], active: true }]],
      'argument 1 "users"[1].tags[1]: expected string',
    ],
    ["transform-users", [[{ id: 1, name: "a", active: true }]], "missing field"],
    ["transform-users", [], "expected 1 argument"],
    ["echo-tuple", [[1, "a"]], "expected"],
    ["echo-shape", [{ circel: 1 }], "circle"],
  ] as const)("of %s is told with its place", async (method, args, message) => {
    const { straight, canonical } = await callBoth(`t:${method}`, args.map(plain));
    expect(straight).toMatchObject({ err: expect.stringContaining(message) });
    expect(straight).toEqual(canonical);
  });
});
