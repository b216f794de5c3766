import { rootContext } from "../src/core/context.ts";
import { Gate } from "../src/hosts/security/gate.ts";
import { Policies } from "../src/hosts/security/policies.ts";
import type { PolicySpec } from "../src/hosts/security/spec.ts";
import { compare, formatNs, median, printRows, scaled, type Contender } from "./harness.ts";

const policyCount = 64;
const decisions = 1_000_000;

/** B13: a decision with 64 policies in scope, and what a million of them leave on the heap. */
export async function bench(): Promise<void> {
  const asked = Object.entries(questions).map(([name, question]) => ({ name, decide: opened(question) }));
  const contenders = asked.map(({ name, decide }): Contender => ({
    name,
    run(times) {
      for (let i = 0; i < times; i += 1) decide();
    },
  }));
  const measured = await compare(contenders, { times: 100_000, clock: "thread" });
  const rows = asked.map(({ name, decide }, index) => [
    name,
    formatNs(measured[index]?.ns ?? Number.NaN),
    `${heapGrowth(decide)} bytes`,
  ]);
  printRows(`B13: policies, ${policyCount} in scope`, ["a decision", "heap after a million"], rows);
}

const facts = { key: "users/ada" };
const base = { groups: [], conditions: [] } as const;

/** 63 policies of other actions, of which one is in force: what most scopes are like. */
const spread = Array.from({ length: policyCount }, (_, i): PolicySpec => {
  const [actions, effect] = [[i === 40 ? "store.key.*" : `app.action${i}.*`], i % 4 === 0 ? "deny" : "allow"] as const;
  return { ...base, id: `b:p${i}`, effect: i === 40 ? "allow" : effect, actions, resources: ["app:*"] };
});

/** All of them concern every action, and the last one decides. */
const dense = (more: Partial<PolicySpec>): readonly PolicySpec[] =>
  Array.from({ length: policyCount }, (_, i): PolicySpec => {
    const isLast = i === policyCount - 1;
    const effect = i % 4 === 0 ? "deny" : "allow";
    return { ...base, id: `b:p${i}`, effect, actions: ["*"], resources: ["*"], ...(isLast ? {} : more) };
  });

interface Question {
  readonly policies: readonly PolicySpec[];
  readonly resource: string;
}

const questions: Readonly<Record<string, Question>> = {
  "one concerns the action": { policies: spread, resource: "app:kept" },
  "all do, by resource": { policies: dense({ resources: ["other:*"] }), resource: "app:kept" },
  "all do, with a condition": {
    policies: dense({ conditions: [{ field: "actor.meta.role", operator: "eq", value: "admin" }] }),
    resource: "app:kept",
  },
  "all do, with an expression": {
    policies: dense({ expression: `actor.meta.role == "admin" and meta.key startsWith "users/"` }),
    resource: "app:kept",
  },
};

function opened({ policies, resource }: Question): () => boolean {
  const known = new Policies();
  known.replace({ policies, broken: [], strict: false });
  const gate = new Gate(known, () => undefined);
  const actor = { id: "ada", meta: { role: "user" } };
  const context = rootContext({ actor, scope: { policies: policies.map(({ id }) => id) } });
  return () => gate.allows("store.key.get", resource, context, facts);
}

/** Bytes of heap that a million decisions add and keep, beyond what a hundredth of them does: the compiler's own code is no leak. */
function heapGrowth(decide: () => unknown): number {
  const { gc } = globalThis;
  if (gc === undefined) return Number.NaN;
  const growth = (times: number): number => {
    gc();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < times; i += 1) decide();
    gc();
    return process.memoryUsage().heapUsed - before;
  };
  const tries = Array.from({ length: scaled(7) }, () => {
    const few = growth(scaled(decisions / 100));
    return growth(scaled(decisions)) - few;
  });
  return median(tries);
}
