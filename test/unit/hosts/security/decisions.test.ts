import * as fc from "fast-check";
import { expect, test } from "vitest";
import { rootContext } from "../../../../src/core/context.ts";
import type { Value } from "../../../../src/core/values.ts";
import { compileExpression } from "../../../../src/hosts/security/expression/compile.ts";
import { ExpressionError } from "../../../../src/hosts/security/expression/tokens.ts";
import { Gate, type Denial } from "../../../../src/hosts/security/gate.ts";
import { Policies } from "../../../../src/hosts/security/policies.ts";
import { operators, type ConditionSpec, type PolicySpec } from "../../../../src/hosts/security/spec.ts";
import { decided, deniedBy, type Question } from "./support/oracle.ts";

const word = fc.constantFrom("a", "ab", "abc", "b", "app:", "app:x", "app:xy", "app.x", "");
const scalar: fc.Arbitrary<Value> = fc.oneof(
  { weight: 4, arbitrary: word },
  fc.constantFrom<Value>(1, 2, 2.5, -1, 1n, 2n ** 60n, true, false, null),
);
const data: fc.Arbitrary<Value> = fc.oneof(
  { weight: 3, arbitrary: scalar },
  fc.array(scalar, { maxLength: 3 }),
  fc.record({ role: scalar, a: scalar }, { requiredKeys: [] }),
);
const facts = fc.dictionary(fc.constantFrom("role", "key", "size", "tags", "toString", "deep"), data, { maxKeys: 4 });
const text = fc.constantFrom("a", "ab", "abc", "abcd", "app:x", "app:xyz", "app.x", "b", "appx");
const actor = fc.record({ id: text, meta: facts });
const asking = fc.record({ action: text, resource: text, meta: fc.option(facts, { nil: undefined }), who: fc.nat(1) });
/** The same actors ask several times: what is remembered of one must not count for another. */
const questions: fc.Arbitrary<readonly Question[]> = fc
  .tuple(actor, actor, fc.array(asking, { minLength: 1, maxLength: 8 }))
  .map(([first, second, list]) => list.map(({ who, ...rest }) => ({ ...rest, actor: who === 0 ? first : second })));

const path = fc.constantFrom(
  ..."actor.id action resource actor.meta.role actor.meta.key actor.meta.toString meta.role meta.key meta.size".split(
    " ",
  ),
  "actor.meta.deep.role",
  "meta.tags",
);
const operand = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }), fc.constantFrom("^a", "b$", "(", "a|b"));
const condition: fc.Arbitrary<ConditionSpec> = fc
  .record({ field: path, operator: fc.constantFrom(...operators), value: operand, from: fc.option(path, { freq: 3 }) })
  .map(({ field, operator, value, from }) => ({
    field,
    operator,
    ...(from === null || from === "actor.id" ? { value } : { valueFrom: from }),
  }));

const quoted = fc.oneof(
  word.map((value) => JSON.stringify(value)),
  fc.constantFrom("1", "2", "true", "nil"),
);
const { expression } = fc.letrec<{ expression: string; value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2, depthIdentifier: "e" },
    fc.oneof(path, quoted),
    path,
    fc.constantFrom("meta", "actor.meta", `actor.meta["role"]`, "meta.tags[0]", "meta.tags[-1]"),
    fc.tuple(tie("value"), fc.constantFrom("+", "-", "??"), tie("value")).map(([a, sign, b]) => `(${a} ${sign} ${b})`),
    tie("value").map((of) => `len(${of})`),
    tie("value").map((of) => `lower(${of})`),
    fc.array(tie("value"), { maxLength: 3 }).map((items) => `[${items.join(", ")}]`),
  ),
  expression: fc.oneof(
    { maxDepth: 4, depthIdentifier: "e" },
    fc
      .tuple(
        fc.oneof(path, tie("value")),
        fc.constantFrom(..."==|!=|<|>=|in|not in|contains|startsWith|endsWith|matches".split("|")),
        fc.oneof(quoted, tie("value")),
      )
      .map(([a, sign, b]) => `${a} ${sign} ${b}`),
    fc.tuple(path, fc.array(quoted, { maxLength: 3 })).map(([a, items]) => `${a} in [${items.join(", ")}]`),
    fc
      .tuple(tie("expression"), fc.constantFrom("and", "or"), tie("expression"))
      .map(([a, sign, b]) => `(${a}) ${sign} (${b})`),
    tie("expression").map((of) => `not (${of})`),
    fc.tuple(tie("expression"), tie("expression"), tie("expression")).map(([a, b, c]) => `(${a}) ? (${b}) : (${c})`),
    fc
      .tuple(fc.constantFrom("any", "all"), path, tie("expression"))
      .map(([name, list, of]) => `${name}(${list}, ${of})`),
    fc.tuple(path, quoted).map(([list, a]) => `any(${list}, # == ${a})`),
    fc.constantFrom("true", "false", "meta.role", "actor.meta.key"),
  ),
}));

const pattern = fc.constantFrom("*", "a", "ab", "a*", "ab*", "abc*", "app:*", "app:x*", "app.*", "b", "*b", "a*b");
const patterns = fc.oneof(fc.constant(["*"]), fc.array(pattern, { minLength: 1, maxLength: 3 }));
const policies: fc.Arbitrary<readonly PolicySpec[]> = fc
  .array(
    fc.record(
      {
        effect: fc.constantFrom("allow", "deny"),
        actions: patterns,
        resources: patterns,
        conditions: fc.array(condition, { maxLength: 3 }),
        expression,
      },
      { requiredKeys: ["effect", "actions", "resources", "conditions"] },
    ),
    { maxLength: 40 },
  )
  .map((list) => list.map((parts, index) => ({ ...parts, id: `t:p${index}`, groups: [] })));

/** Expressions that make no sense are refused with their entry. */
function makesSense({ expression: text }: PolicySpec): boolean {
  try {
    if (text !== undefined) compileExpression(text);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(ExpressionError);
    return false;
  }
}

/** What the gate says, and whom it names for a refusal. */
function asked(known: readonly PolicySpec[], strict: boolean, questions: readonly Question[]) {
  const all = new Policies();
  all.replace({ policies: known, broken: [], strict });
  const denials: Denial[] = [];
  const gate = new Gate(all, (denial) => denials.push(denial));
  const scope = { policies: known.map(({ id }) => id) };
  return questions.map(({ actor, action, resource, meta }) => {
    const decision = all.compiled(scope).decide(actor, action, resource, meta);
    denials.length = 0;
    gate.permits(action, resource, rootContext({ actor, scope }), meta);
    return { decision, policy: decision === "deny" ? denials[0]?.policy : undefined };
  });
}

test("decisions are those of an interpreter that reads the policies one by one", () => {
  fc.assert(
    fc.property(policies, fc.boolean(), questions, (known, strict, questions) => {
      const compiling = known.filter((policy) => makesSense(policy));
      const expected = questions.map((each) => ({
        decision: decided(compiling, strict, each),
        policy: deniedBy(compiling, strict, each),
      }));
      expect(asked(compiling, strict, questions)).toEqual(expected);
    }),
    { numRuns: 1_000 },
  );
});

test("a permission does not hold of which one condition cannot be judged, whatever the others say", () => {
  const conditions: readonly ConditionSpec[] = [
    { field: "meta.size", operator: "lt", value: 5 },
    { field: "actor.id", operator: "eq", value: "a" },
  ];
  const policy: PolicySpec = { id: "t:p", groups: [], effect: "allow", actions: ["*"], resources: ["*"], conditions };
  const question: Question = { actor: { id: "a", meta: {} }, action: "x", resource: "y", meta: {} };
  expect(asked([policy], false, [question])).toEqual([{ decision: "undefined", policy: undefined }]);
  expect(asked([policy], false, [{ ...question, meta: { size: 3 } }])).toMatchObject([{ decision: "allow" }]);
});
