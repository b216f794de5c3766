import { rootContext } from "../src/core/context.ts";
import { Gate } from "../src/hosts/security/gate.ts";
import { Policies } from "../src/hosts/security/policies.ts";
import type { ConditionSpec, PolicySpec } from "../src/hosts/security/spec.ts";
import { compare, formatNs, printRows, scaled, type Contender } from "./harness.ts";

const policyCount = 64;
const decisions = 1_000_000;

/** B13: a decision with 64 policies in scope, and what a million of them leave on the heap. */
export async function bench(): Promise<void> {
  const asked = Object.entries(shapes).flatMap(([name, policies]) => [
    { name, decide: opened(policies) },
    ...(inTurn.has(name) ? [{ name: `${name}, two actors in turn`, decide: opened(policies, true) }] : []),
  ]);
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

const facts = { key: "users/ada", owner: "ada" };
const base = { groups: [], conditions: [] } as const;

/** 63 policies of other actions, of which one is in force: what most scopes are like. */
const spread = Array.from({ length: policyCount }, (_, i): PolicySpec => {
  const [actions, effect] = [[i === 40 ? "store.key.*" : `app.action${i}.*`], i % 4 === 0 ? "deny" : "allow"] as const;
  return { ...base, id: `b:p${i}`, effect: i === 40 ? "allow" : effect, actions, resources: ["app:*"] };
});

/** All of them concern every action, and the last one decides. */
const dense = (more: (i: number) => Partial<PolicySpec>): readonly PolicySpec[] =>
  Array.from({ length: policyCount }, (_, i): PolicySpec => {
    const isLast = i === policyCount - 1;
    const effect = i % 4 === 0 ? "deny" : "allow";
    return { ...base, id: `b:p${i}`, effect, actions: ["*"], resources: ["*"], ...(isLast ? {} : more(i)) };
  });

/** None of them says anything: every permission is asked too. */
const silent = (more: (i: number) => Partial<PolicySpec>): readonly PolicySpec[] =>
  Array.from({ length: policyCount }, (_, i): PolicySpec => ({
    ...base,
    id: `b:p${i}`,
    effect: i % 4 === 0 ? "deny" : "allow",
    actions: ["*"],
    resources: ["*"],
    ...more(i),
  }));

const where = (...conditions: readonly ConditionSpec[]): Partial<PolicySpec> => ({ conditions });

const shapes: Readonly<Record<string, readonly PolicySpec[]>> = {
  "one concerns the action": spread,
  "all do, by resource": dense(() => ({ resources: ["other:*"] })),
  "each by a resource of its own": silent((i) => ({ resources: [`app:k${i}.*`, `app:${i}`] })),
  "all do, with a condition": dense(() => where({ field: "actor.meta.role", operator: "eq", value: "admin" })),
  "each with a condition of its own": silent((i) =>
    where({ field: "actor.meta.role", operator: "eq", value: `r${i}` }),
  ),
  "each with an order of its own": silent((i) => where({ field: "actor.meta.level", operator: "gte", value: 10 + i })),
  "each with a field of its own": silent((i) => where({ field: `actor.meta.f${i}`, operator: "gte", value: i })),
  "each with two fields compared": silent((i) =>
    where({ field: `meta.key`, operator: "eq", valueFrom: `actor.meta.f${i}` }),
  ),
  "each with a pattern of its own": silent((i) => where({ field: "actor.id", operator: "matches", value: `^u${i}-` })),
  "all do, with an expression": dense(() => ({
    expression: `actor.meta.role == "admin" and meta.key startsWith "users/"`,
  })),
  "each with an expression of its own": silent((i) => ({
    expression: `actor.meta.role == "r${i}" or (meta.owner == actor.id and actor.meta.level > ${10 + i})`,
  })),
  "each with a list of its own": silent((i) => ({ expression: `any(actor.meta.teams, # == "t${i}")` })),
};

const inTurn = new Set([
  "each with a condition of its own",
  "each with an order of its own",
  "each with an expression of its own",
]);

/** A gate that is asked by one actor, as in one call, or by two in turn, of whom nothing can be kept. */
function opened(policies: readonly PolicySpec[], inTurn = false): () => boolean {
  const known = new Policies();
  known.replace({ policies, broken: [], strict: false });
  const gate = new Gate(known, () => undefined);
  const scope = { policies: policies.map(({ id }) => id) };
  const contextOf = (id: string) =>
    rootContext({ actor: { id, meta: { role: "user", level: 3, teams: ["a", "b"] } }, scope });
  const [ada, bob] = [contextOf("ada"), contextOf("bob")];
  let isAda = true;
  return () => {
    isAda = !isAda;
    return gate.allows("store.key.get", "app:kept", isAda || !inTurn ? ada : bob, facts);
  };
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
  const tries = Array.from({ length: scaled(5) }, () => {
    const few = growth(scaled(decisions / 100));
    return growth(scaled(decisions)) - few;
  });
  // What decisions leave, each try has; what the rest of the process does meanwhile is in some.
  return Math.max(0, Math.min(...tries));
}
