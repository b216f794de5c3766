import { expect, test } from "vitest";
import { checkLua } from "../../../../src/engine/lua/check.ts";
import { program } from "./support/run.ts";

test("a sound program has no problems", () => {
  const source =
    'local json = require("json")\nlocal e = require "errors"\nlocal u = require(\'util\')\nreturn function() end';
  expect(checkLua(program(source, { modules: ["json"], imports: { util: "app:util" } }))).toEqual([]);
});

test("a syntax error is found where it stands", () => {
  expect(checkLua(program("local x = 1\n  local = 2"))).toEqual([
    { sort: "syntax", line: 2, column: 9, message: "name expected near '='" },
  ]);
});

test("what only the compiler sees is found too", () => {
  expect(checkLua(program("goto nowhere"))).toMatchObject([{ line: 1, message: /no visible label 'nowhere'/ }]);
  expect(checkLua(program("x = 1 break"))).toMatchObject([{ line: 1 }]);
});

test("undeclared requires are found, in code only", () => {
  const source =
    '-- require("a")\nlocal s = "require(\'b\')" .. [[ require("c") ]]\n  local http = require("http")\nx.require("d")';
  expect(checkLua(program(source))).toEqual([
    {
      sort: "undeclared",
      line: 3,
      column: 16,
      message: '"http" is required but not declared: add it under "modules:" or "imports:"',
    },
  ]);
});
