import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Actor } from "../../../../src/core/context.ts";
import { compileExpression } from "../../../../src/hosts/security/expression/compile.ts";
import { ExpressionError } from "../../../../src/hosts/security/expression/tokens.ts";
import { judgeOf } from "../../../../src/hosts/security/formula.ts";
import { lua, policy, running, scope } from "./support/app.ts";

const actor: Actor = {
  id: "ada",
  meta: {
    role: "editor",
    age: 36,
    tags: ["a", "b"],
    teams: [{ name: "x", lead: true }, { name: "y" }],
    active: true,
    nested: { deep: "value" },
  },
};
const meta = { key: "users/ada/1", owner: "ada", size: 7 };
const judge = (text: string) => judgeOf(compileExpression(text))(actor, "store.key.get", "app:kept", meta);

describe("an expression holds", () => {
  test.each([
    "true",
    `actor.id == "ada"`,
    `actor.id == 'ada' and action == "store.key.get" && resource == "app:kept"`,
    "actor.id == `ada`",
    `actor.meta.role in ["admin", "editor"]`,
    `actor.meta.role not in ["admin"]`,
    `not (actor.meta.role == "admin")`,
    `!actor.meta.suspended`,
    `actor.meta.active`,
    `actor.meta.age >= 18 and actor.meta.age < 65 or false`,
    `false or true and true`,
    `action startsWith "store." and action endsWith ".get" and action contains "key"`,
    `hasPrefix(action, "store") and hasSuffix(resource, "kept")`,
    `resource matches "^app:[a-z]+$"`,
    `resource matches ("^" + "app")`,
    `meta.key startsWith "users/" + actor.id + "/"`,
    `meta.owner == actor.id`,
    `"a" in actor.meta.tags and actor.meta.tags contains "b"`,
    `"role" in actor.meta`,
    `actor.meta["role"] == "editor"`,
    `actor.meta.nested["deep"] == actor.meta?.nested?.deep`,
    `actor.meta.tags[0] == "a" and actor.meta.tags[-1] == "b" and actor.meta.tags[2] == nil`,
    `actor.meta.teams[0].name == "x"`,
    `actor.meta.gone.deeper == nil`,
    `meta.absent == nil and null == nil`,
    `(meta.absent ?? "x") == "x"`,
    `meta.size + 1 * 2 == 9 and meta.size - 1 == 6 and 7 % 4 == 3 and 6 / 2 == 3 and -1 < 0`,
    `meta.size > 5 ? actor.id == "ada" : false`,
    `len(actor.meta.tags) == 2 and len(actor.id) == 3 and len(meta) == 3`,
    `upper(lower("Ab")) == "AB" and trim(" x ") == "x"`,
    `any(actor.meta.tags, # == "b")`,
    `any(actor.meta.teams, {.lead and .name == "x"})`,
    `all(actor.meta.tags, # in ["a", "b"]) and none(actor.meta.tags, # == "c") and one(actor.meta.tags, # == "a")`,
    `none(actor.meta.gone, true) and all(actor.meta.gone, false)`,
    `1_000 == 1e3 and .5 == 0.5`,
    `"it's \\"so\\"\\n" != ""`,
    `[1, actor.id] == [1, "ada",]`,
  ])("%s", (text) => {
    expect(judge(text)).toBe(true);
  });
});

test.each([
  "false",
  `actor.id == "bob"`,
  `meta.absent startsWith "x"`,
  `meta.absent matches "x"`,
  `actor.id in meta.absent`,
  `meta.absent contains "x"`,
  "meta.absent",
  `actor.id == "ada" and actor.id != "ada"`,
])("%s does not hold", (text) => {
  expect(judge(text)).toBe(false);
});

test.each([
  `actor.id < 3`,
  `meta.absent < 3`,
  `actor.meta.age startsWith "3"`,
  `actor.meta.age and true`,
  `actor.meta.role + 1 == 2`,
  `any(actor.meta.role, true)`,
  `actor.id in "adam"`,
  `len(meta.size) == 1`,
  `lower(meta.size) == "x"`,
  `actor.id matches actor.meta.age`,
  `actor.id matches ("(" + "")`,
])("nobody can say whether %s", (text) => {
  expect(judge(text)).toBe("unknown");
});

test.each([
  ["", 0, "expected a value, found the end"],
  ["actor", 0, "it has the fields id and meta"],
  ["actor.name == 1", 5, "the fields id and meta"],
  ["acter.id == 1", 0, "did you mean actor"],
  ["action ==", 9, "expected a value, found the end"],
  ["action = 'x'", 7, `"=" means nothing here`],
  ["action == 'x", 10, "the text has no end"],
  [`action == "\\q"`, 11, "no escape"],
  ["(action == 'x'", 14, `expected ")"`],
  ["action == 'x' 'y'", 14, "expected an operator"],
  ["action == 'x' and 1", 18, "a number, where true or false is needed"],
  ["action", 0, "a text, where true or false is needed"],
  ["[1]", 0, "a list"],
  ["nil", 0, "nothing, where"],
  ["not 1", 4, "a number, where"],
  ["action matches '('", 15, "no regular expression"],
  ["action matches 1", 15, "a regular expression is a text"],
  ["foo(1)", 0, "there is no function foo"],
  ["lenn(action) == 1", 0, "did you mean len"],
  ["len() == 1", 0, "len takes 1, not 0"],
  ["any([1])", 0, "any takes a list and a condition"],
  ["any(action, true)", 4, "a text, where a list is needed"],
  ["# == 1", 0, "there is an item only inside"],
  ["action.length == 1", 6, "has no fields"],
  ["meta. == 1", 6, "expected the name of a field"],
  ["true ? false", 12, `expected ":"`],
  ["constructor('x')", 0, "there is no function constructor"],
  ["toString == 1", 0, "nothing is called toString"],
  [`${"(".repeat(100)}true${")".repeat(100)}`, 64, "nested deeper than 64"],
  [`${"not ".repeat(100)}true`, 252, "nested deeper than 64"],
  ["a".repeat(5_000), 4_096, "at most 4096 characters"],
])("%j is refused at its place", (text, at, message) => {
  const compile = (): unknown => compileExpression(text);
  expect(compile).toThrow(ExpressionError);
  expect(compile).toThrow(expect.objectContaining({ at, message: expect.stringContaining(message) }));
});

test("fields of JavaScript's own objects are none of the language", () => {
  for (const field of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
    expect(judge(`actor.meta.${field} == nil and meta["${field}"] == nil and actor.meta.tags.length == nil`)).toBe(
      true,
    );
    expect(judge(`"${field}" in meta`)).toBe(false);
  }
});

test("whatever is written, it is compiled or refused as an expression", () => {
  const word = fc.constantFrom(
    ...`actor.id|actor.meta.x|action|meta|(|)|[|]|{|}|#|.|,|?|:|"a"|'|1|-|not|!|and|in|==|<|contains|matches|any|len|nil`.split(
      "|",
    ),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), (words) => {
      try {
        expect([true, false, "unknown"]).toContain(judge(words.join(" ")));
      } catch (error) {
        expect(error).toBeInstanceOf(ExpressionError);
      }
    }),
  );
});

function expr(name: string, expression: string, more: Readonly<Record<string, unknown>> = {}): object {
  const rules = { actions: "*", resources: "*", effect: "allow", expression, ...more };
  return { name, kind: "security.policy.expr", policy: rules };
}

describe("a policy with an expression", () => {
  const app = [
    lua("target", "return 'reached'"),
    lua("caller", `return funcs.call("t:target")`),
    policy("all", {}),
    expr("adults", "actor.meta.age >= 18"),
    expr("not_target", `resource == "t:target" and actor.id != "root"`, { effect: "deny" }),
    expr("both", "actor.meta.age >= 18", { conditions: [{ field: "actor.id", operator: "eq", value: "ada" }] }),
  ];
  const callAs = async (id: string, meta: Readonly<Record<string, string | number>>, ...policies: string[]) => {
    await using runtime = await running(app);
    expect(runtime.diagnostics).toEqual([]);
    const call = runtime.callWith("t:caller", [], { actor: { id, meta }, scope: scope(...policies) });
    return await call.catch((error: unknown) => error);
  };

  test("allows and denies where it holds, with conditions beside it", async () => {
    expect(await callAs("ada", { age: 36 }, "adults")).toBe("reached");
    expect(await callAs("ada", { age: 3 }, "adults")).toMatchObject({ code: "PERMISSION_DENIED" });
    expect(await callAs("ada", {}, "adults")).toMatchObject({ code: "PERMISSION_DENIED" });
    expect(await callAs("ada", {}, "all", "not_target")).toMatchObject({ details: { policy: "t:not_target" } });
    expect(await callAs("root", {}, "all", "not_target")).toBe("reached");
    expect(await callAs("ada", { age: 36 }, "both")).toBe("reached");
    expect(await callAs("bob", { age: 36 }, "both")).toMatchObject({ code: "PERMISSION_DENIED" });
  });

  test("that is wrong is a diagnostic with its place, and a scope that names it allows nothing", async () => {
    const broken = expr("broken", `actor.id = "ada"`);
    const lines = expr("lines", `actor.id == "ada"\nand acton == "x"\n`);
    await using runtime = await running([...app, broken, lines]);
    const messages = runtime.diagnostics.map(({ entry, message }) => `${entry} ${message}`);
    expect(messages).toEqual([
      `t:broken policy.expression: column 10: "=" means nothing here`,
      "t:lines policy.expression: line 2, column 5: nothing is called acton: did you mean actor or action?",
    ]);
    const as = (...names: string[]) => runtime.callWith("t:caller", [], { actor, scope: scope(...names) });
    expect(await as("all")).toBe("reached");
    await expect(as("all", "broken")).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
  });
});
