import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { checkFunctions, loadPrivate } from "../../../../../src/engine/lua/vm/load.seam.ts";
import { lua } from "../../../../../src/engine/lua/vm/vm.seam.ts";
import { printed, stockPrinted } from "./support/lua.seam.ts";

const load = createRequire(import.meta.url);

test("a stock fengari in the same process stays as it is", () => {
  const sum = "5 * 1000 * 1000 * 1000";
  expect(stockPrinted(load("fengari"), sum)).toBe("705032704");
  expect(printed(`print(${sum})`)).toEqual(["5000000000"]);
  expect(load("fengari").lua).not.toBe(lua);
  expect(loadPrivate("lua")).toBe(lua);
});

test("another shape of fengari than the expected is refused", () => {
  expect(() => checkFunctions("lapi", { lua_load: () => 0, lua_next: undefined }, ["lua_load", "lua_next"])).toThrow(
    "fengari's lapi has no lua_next: the Lua interpreter needs fengari 0.1.5.",
  );
});
