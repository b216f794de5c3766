import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Runtime } from "../../../../src/index.ts";
import { Policies } from "../../../../src/hosts/security/policies.ts";
import { ada, lua, policy, running, scope } from "./support/app.ts";

/** What a program tries, which may do all but reach `t:secret`, and gets as far as the error. */
const attempts: Readonly<Record<string, string>> = {
  "a call in a coroutine of its own": `
    local done = channel.new(1)
    coroutine.spawn(function() done:send({ funcs.call("t:secret") }) end)
    local got = done:receive()
    return got[1], got[2]`,
  "a call in a plain coroutine": `return coroutine.wrap(function() return funcs.call("t:secret") end)()`,
  "a call from a process that it starts": `return process.exec("t:agent", "t:host", "t:secret")`,
  "a call from a function that it calls": `return funcs.call("t:relay", "t:secret")`,
  "a call from a future": `
    local future = funcs.async("t:relay", "t:secret")
    future:channel():receive()
    return future:result()`,
  "a call through a contract": `return require("contract").open("t:exposed"):reveal()`,
  "a call through a contract in another's name": `
    local contract = require("contract")
    local as = assert(contract.get("t:opener")):with_actor({ id = "root" }):with_scope({ policies = { "t:all" } })
    return as:open("t:exposed"):reveal()`,
  "a call with the scope of somebody else": `
    return funcs.new():with_actor({ id = "root" }):with_scope({ policies = { "t:all" } }):call("t:secret")`,
  "a part of the entry": `return funcs.call("t:secret#run")`,
  "an upgrade to it": `return process.upgrade("t:secret")`,
  "an upgrade to a part of it": `return process.upgrade("t:secret#run")`,
  "an upgrade to what is not there": `return process.upgrade("t:secret_too")`,
  "a call of what is not there": `return funcs.call("t:secret_too")`,
  "a process of it": `return process.spawn("t:secret", "t:host")`,
  "a process on a host that is not there": `return process.spawn("t:secret_too", "t:nowhere")`,
  "a changed policy": `
    local changes = registry.snapshot():changes()
    changes:delete("t:no_secret")
    return changes:apply()`,
  "a new entry that calls it": `
    local changes = registry.snapshot():changes()
    changes:create({ id = "t:mine", kind = "contract.binding", data = {} })
    return changes:apply()`,
  "the registry as it was": `return registry.apply_version(1)`,
  "its source": `return registry.get("t:secret")`,
  "its source, in a snapshot": `return registry.snapshot():get("t:secret")`,
  "a name for another process": `
    local pid = assert(process.spawn("t:agent", "t:host"))
    return process.registry.register("stolen", pid)`,
  "the length of a queue": `return queue.info("t:secret_jobs")`,
};

const denied = {
  "funcs.call": "t:secret*",
  "process.spawn": "t:secret*",
  "registry.get": "t:secret*",
  "registry.apply": "*",
  "registry.apply_version": "*",
  "process.registry.foreign": "*",
  "queue.publish": "t:secret*",
  "queue.info": "t:secret*",
};

const app = [
  policy("all", {}),
  ...Object.entries(denied).map(([actions, resources], index) =>
    policy(`no_${index}`, { actions, resources, effect: "deny" }),
  ),
  lua("secret", "return 'the secret'"),
  lua("relay", "return funcs.call(...)"),
  { ...lua("agent", "return funcs.call(...)"), kind: "process.lua" },
  { name: "host", kind: "process.host", lifecycle: { auto_start: true } },
  { name: "opener", kind: "contract.definition", methods: [{ name: "reveal" }] },
  { name: "exposed", kind: "contract.binding", contracts: [{ contract: "opener", methods: { reveal: "secret" } }] },
  { name: "driver", kind: "queue.driver.memory", lifecycle: { auto_start: true } },
  { name: "secret_jobs", kind: "queue.queue", driver: "driver" },
  ...Object.values(attempts).map((body, index) => lua(`attempt_${index}`, body)),
];

describe("a program that may not cannot, by", () => {
  let runtime: Runtime & Disposable;
  beforeAll(async () => {
    runtime = await running(app);
    expect(runtime.diagnostics).toEqual([]);
  });
  afterAll(async () => {
    await runtime[Symbol.asyncDispose]();
    runtime[Symbol.dispose]();
  });

  const names = ["all", ...Object.keys(denied).map((_, index) => `no_${index}`)];
  test.each(Object.keys(attempts).map((name, index) => [name, index] as const))("%s", async (_name, index) => {
    const outcome = await runtime
      .callWith(`t:attempt_${index}`, [], { actor: ada, scope: scope(...names) })
      .catch((error: unknown) => error);
    expect(outcome).toMatchObject({ code: "PERMISSION_DENIED" });
    expect(String(outcome)).not.toMatch(/did you mean|the secret/);
  });
});

test("ids with line breaks in them are not taken for several", () => {
  const policies = new Policies();
  const base = { groups: [], conditions: [], actions: ["*"], resources: ["*"] } as const;
  policies.replace({
    policies: [
      { ...base, id: "t:a", effect: "allow" },
      { ...base, id: "t:b", effect: "deny" },
    ],
    broken: [],
    strict: false,
  });
  const decide = (...ids: string[]) => policies.compiled({ policies: ids }).decide(ada, "x", "y", undefined);
  expect(decide("t:c\nt:b", "t:a")).toBe("allow");
  expect(decide("t:a\nt:b")).toBe("undefined");
  expect(decide("t:a", "t:b")).toBe("deny");
  expect(decide("t:c", "t:b", "t:a")).toBe("deny");
});
