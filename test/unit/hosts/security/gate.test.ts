import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { describe, expect, test } from "vitest";
import { ada, lua, policy, running, scope, warnings } from "./support/app.ts";

const app = [
  lua("target", "return 'reached'"),
  lua("caller", "return funcs.call(...)"),
  lua("wasm_target", "return 'x'"),
  policy("calls", { actions: "funcs.call", resources: ["t:caller", "t:target"] }),
  policy("caller_only", { actions: "funcs.call", resources: "t:caller" }),
  policy("no_target", { actions: "funcs.call", resources: "t:target", effect: "deny" }),
  policy("may_know", { actions: "security.policy.get" }),
];

describe("a call with an actor and a scope", () => {
  test("is made when a policy allows it and none denies it", async () => {
    await using runtime = await running(app);
    const callAs = (...names: string[]) =>
      runtime.callWith("t:caller", ["t:target"], { actor: ada, scope: scope(...names) });
    expect(await callAs("calls")).toBe("reached");
    await expect(callAs("caller_only")).rejects.toMatchObject({ code: "PERMISSION_DENIED", kind: "PermissionDenied" });
    await expect(callAs()).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
    await expect(callAs("calls", "no_target")).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
  });

  test("that is denied tells action, resource and actor, and the policy to those who may get it", async () => {
    await using runtime = await running(app);
    const denied = (...names: string[]) =>
      runtime.callWith("t:caller", ["t:target"], { actor: ada, scope: scope("calls", "no_target", ...names) });
    const details = { action: "funcs.call", resource: "t:target", actor: "ada" };
    await expect(denied()).rejects.toMatchObject({
      message: "not allowed: funcs.call on t:target for ada",
      details,
    });
    await expect(denied("may_know")).rejects.toMatchObject({
      message: "not allowed: funcs.call on t:target for ada by t:no_target",
      details: { ...details, policy: "t:no_target" },
    });
  });

  test("that is denied is heard of by the log and by listeners of the channel", async () => {
    const { log, lines } = warnings();
    const heard: unknown[] = [];
    const listener = (denial: unknown): void => void heard.push(denial);
    subscribe("weft:security:denied", listener);
    await using runtime = await running(app, { log });
    await runtime
      .callWith("t:caller", ["t:target"], { actor: ada, scope: scope("calls", "no_target") })
      .catch(() => undefined);
    unsubscribe("weft:security:denied", listener);
    const denial = { action: "funcs.call", resource: "t:target", actor: "ada", policy: "t:no_target" };
    expect(lines).toEqual([["denied", { ...denial, pid: expect.stringContaining("t:caller") }]]);
    expect(heard).toMatchObject([denial]);
  });

  test("goes by what its actor was when it began, however the caller changes its own object", async () => {
    const rules = { actions: "funcs.call", conditions: [{ field: "actor.meta.level", operator: "gt", value: 5 }] };
    await using runtime = await running([...app, policy("high", rules)], { isolates: 0 });
    const meta = { level: 7 };
    const call = () => runtime.callWith("t:caller", ["t:target"], { actor: { id: "ada", meta }, scope: scope("high") });
    const actor = { id: "ada", meta };
    const callSame = () => runtime.callWith("t:caller", ["t:target"], { actor, scope: scope("high") });
    expect([await call(), await callSame()]).toEqual(["reached", "reached"]);
    meta.level = 3;
    await expect(callSame()).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
    await expect(call()).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
  });
});
