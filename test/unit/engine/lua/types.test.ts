import { describe, expect, test } from "vitest";
import { program, testEngine } from "./support/run.ts";

const declarations = `
type Name = string @min_len(1) @max_len(5) @pattern("^[a-z]+$")
type Age = integer @min(0) @max(150)
type User = {name: Name, age?: Age, tags: {string}, role: "admin" | "guest"}
type Tree = {value: number, left: Tree?, right?: Tree}
type Scores = {[string]: number}
type Box<T> = {value: T}
type Boxes = {Box<Box<integer>>}
type Both = {a: number} & {b: number}
type Code = 1 | -2 | true | "x"
type Handler = {on: (e: string) -> boolean, fun?: fun(a: number): string}
interface Named
  name: string
  function greet(self): string
end
interface Aged: Named
  age: number
end
type Late = {user: User, anything: any}
`;

/** What `T:is(value)` says: true, or why not. */
async function verdict(type: string, value: string): Promise<unknown> {
  const { run } = testEngine();
  const source = `${declarations}
    return function() local v, err = ${type}:is(${value}) return err and tostring(err) or v ~= nil end`;
  return run(program(source));
}

const user = `{name = "ada", tags = {}, role = "admin"`;

const cases: readonly (readonly [type: string, value: string, verdict: true | string])[] = [
  ["Name", `"ada"`, true],
  ["Name", `""`, "Name: length 0 is below the minimum 1 (@min_len)"],
  ["Name", `"abcdef"`, "Name: length 6 is above the maximum 5 (@max_len)"],
  ["Name", `"ADA"`, `Name: "ADA" does not match the pattern ^[a-z]+$ (@pattern)`],
  ["Name", "7", "Name: expected string, got number 7"],
  ["Age", "150", true],
  ["Age", "-1", "Age: -1 is below the minimum 0 (@min)"],
  ["Age", "151", "Age: 151 is above the maximum 150 (@max)"],
  ["Age", "1.5", "Age: expected integer, got number 1.5"],
  ["User", `${user}}`, true],
  ["User", `${user}, age = 7, more = 1}`, true],
  ["User", `${user}, age = "7"}`, `User.age: expected integer, got string "7"`],
  ["User", `{name = "ada", tags = {}}`, `User.role: expected "admin" | "guest", got nil`],
  ["User", `{name = "ada", tags = {"a", 2}, role = "guest"}`, "User.tags[2]: expected string, got number 2"],
  [
    "User",
    `{name = "ada", tags = {x = 1}, role = "guest"}`,
    `User.tags: expected a list, got a table with the key "x"`,
  ],
  ["User", "nil", "User: expected table, got nil"],
  ["Tree", "{value = 1, left = {value = 2, right = {value = 3}}}", true],
  ["Tree", "{value = 1, left = {value = 2, right = {}}}", "Tree.left.right.value: expected number, got nil"],
  ["Scores", "{a = 1, b = 2.5}", true],
  ["Scores", "{a = true}", `Scores["a"]: expected number, got boolean`],
  ["Scores", "{1}", `Scores[1]: expected string, got number 1`],
  ["Boxes", "{{value = {value = 1}}}", true],
  ["Boxes", "{{value = {value = 'x'}}}", `Boxes[1].value.value: expected integer, got string "x"`],
  ["Both", "{a = 1, b = 2}", true],
  ["Both", "{a = 1}", "Both.b: expected number, got nil"],
  ["Code", "-2", true],
  ["Code", "'x'", true],
  ["Code", "false", `Code: expected 1 | -2 | true | "x", got boolean`],
  ["Handler", "{on = print}", true],
  ["Handler", "{on = print, fun = 1}", "Handler.fun: expected function, got number 1"],
  ["Aged", "{name = 'a', age = 1, greet = print}", true],
  ["Aged", "setmetatable({name = 'a', age = 1}, {__index = {greet = print}})", true],
  ["Aged", "{name = 'a', greet = print}", "Aged.age: expected number, got nil"],
  ["Late", `{user = ${user}}}`, true],
  ["Late", "{user = {}}", "Late.user.name: expected string, got nil"],
];

describe("a declared type as a value", () => {
  test.each(cases)("%s:is(%s)", async (type, value, expected) => {
    expect(await verdict(type, value)).toBe(expected);
  });

  test("gives the very value that it approves, and casts by being called", () => {
    const { run } = testEngine();
    const source = `type P = {x: number}
      return function()
        local p = {x = 1}
        local ok, err = pcall(P, {x = "no"})
        return {same = P:is(p) == p, cast = P(p) == p, ok = ok, err = tostring(err), kind = err:kind(), name = tostring(P)}
      end`;
    expect(run(program(source))).toEqual({
      same: true,
      cast: true,
      ok: false,
      err: 'P.x: expected number, got string "no"',
      kind: "Invalid",
      name: "P",
    });
  });

  test("may be used above its declaration, and does not move lines", async () => {
    const { fail } = testEngine();
    const source = `local function check(v) return P:is(v) end
      type P = {
        x: number, -- a field
      }
      return function() if check({x = 1}) then error("here") end end`;
    expect((await fail(program(source))).message).toContain("app:main:5: here");
  });

  test("is not made where a variable has its name", () => {
    const { run } = testEngine();
    const source = `local Stack = {} Stack.__index = Stack
      type Stack = {items: {any}}
      function Stack.new() return setmetatable({items = {1}}, Stack) end
      return function() return Stack.new().items[1] end`;
    expect(run(program(source))).toBe(1);
  });

  test("a value that contains itself is refused, not followed for ever", async () => {
    expect(await verdict("Tree", "(function() local t = {value = 1} t.left = t return t end)()")).toContain(
      "nested deeper than",
    );
  });
});

describe("types of a library", () => {
  const library = program(
    `export type Id = integer @min(1)
     type Secret = string
     export type User = {id: Id, name: string}
     type Shared = {of: User}
     return {find = function() return {id = 1, name = "ada"} end, Shared = Shared};`,
    { name: "app:users" },
  );

  test("that it exports, or puts in its table, are reached through require", () => {
    const { run } = testEngine([library]);
    const main = `local users = require("users")
      local function check(v) local ok, err = Team:is(v) return err and tostring(err) or "fine" end
      type Team = {lead: users.User, all: {users.Id}}
      return function()
        return {
          check({lead = users.find(), all = {1, 2}}), check({lead = {id = 0}, all = {}}), check({lead = users.find(), all = {0}}),
          tostring(users.User), tostring(users.Shared), tostring(users.Secret),
        }
      end`;
    expect(run(program(main, { imports: { users: "app:users" } }))).toEqual([
      "fine",
      "Team.lead.id: 0 is below the minimum 1 (@min)",
      "Team.all[1]: 0 is below the minimum 1 (@min)",
      "User",
      "Shared",
      "nil",
    ]);
  });
});
