import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Runtime } from "../../../../src/index.ts";
import { ada, lua, policy, running, scope } from "../security/support/app.ts";

const app = [
  policy("all", {}),
  policy("no_lock", { actions: "system.lock", resources: "x", effect: "deny" }),
  { name: "host", kind: "process.host", lifecycle: { auto_start: true } },
  lua("take", `return system.lock.acquire(...)`),
  lua("release_foreign", `return system.lock.release("x")`),
  lua("twice", `assert(system.lock.acquire("x")) local v, e = system.lock.acquire("x") return e:message()`),
  lua("again", `assert(system.lock.acquire("x")) assert(system.lock.release("x")) return system.lock.acquire("x", 0)`),
  lua(
    "count",
    `assert(system.lock.acquire("x")) local n = store.get("t:kept"):get("n") or 0
    time.sleep("1ms") store.get("t:kept"):set("n", n + 1) system.lock.release("x")`,
    { pool: { type: "lazy", max_size: 8 } },
  ),
  lua("total", `return store.get("t:kept"):get("n")`),
  { name: "kept", kind: "store.memory" },
  {
    name: "holder",
    kind: "process.lua",
    modules: ["system"],
    source: `return function(caller)
      assert(require("system").lock.acquire("x"))
      process.send(caller, "held")
      process.events():receive()
    end`,
  },
  lua(
    "with_holder",
    `
    local held = process.listen("held")
    local pid = assert(process.spawn("t:holder", "t:host", process.pid()))
    held:receive()
    local before = system.lock.acquire("x", 0)
    local short = system.lock.acquire("x", "5ms")
    local other = system.lock.acquire("y", 0)
    process.terminate(pid)
    return { before, short, other, system.lock.acquire("x") }`,
  ),
];

describe.each([0, 2])("locks of an app with %i isolates", (isolates) => {
  let runtime: Runtime & Disposable;
  beforeAll(async () => {
    runtime = await running(app, { isolates });
    expect(runtime.diagnostics).toEqual([]);
  });
  afterAll(async () => {
    await runtime[Symbol.asyncDispose]();
    runtime[Symbol.dispose]();
  });

  test("a free lock is had at once, and is free again when its holder has ended", async () => {
    expect(await runtime.call("t:take", "x", 0)).toBe(true);
    expect(await runtime.call("t:take", "x", "10s")).toBe(true);
  });

  test("a lock that is held is not had in time; it is when its holder is terminated", async () => {
    expect(await runtime.call("t:with_holder")).toEqual([false, false, true, true]);
  });

  test("a program cannot take a lock twice, but anew when it gave it back", async () => {
    expect(await runtime.call("t:twice")).toContain('holds the lock "x" already');
    expect(await runtime.call("t:again")).toBe(true);
  });

  test("nobody gives back what another one holds", async () => {
    expect(await runtime.call("t:release_foreign")).toBe(false);
  });

  test("one at a time is between acquire and release", async () => {
    await Promise.all(Array.from({ length: 20 }, () => runtime.call("t:count")));
    expect(await runtime.call("t:total")).toBe(20);
  });

  test("whoever is canceled while waiting waits no longer", async () => {
    const held = runtime.call("t:with_holder");
    const controller = new AbortController();
    const waiting = runtime.callWith("t:take", ["x"], { signal: controller.signal });
    await sleep(1);
    controller.abort();
    await Promise.allSettled([waiting]);
    await held;
    expect(await runtime.call("t:take", "x", "10s")).toBe(true);
  });

  test("a lock is asked for by its name", async () => {
    const as = (name: string) => runtime.callWith("t:take", [name, 0], { actor: ada, scope: scope("all", "no_lock") });
    expect(await as("y")).toBe(true);
    await expect(as("x")).rejects.toMatchObject({
      code: "PERMISSION_DENIED",
      details: { action: "system.lock", resource: "x" },
    });
  });

  test.each([
    ["", 1, "a lock has a name"],
    ["x", -1, "a timeout is"],
    ["x", "soon", "a timeout is"],
  ])("acquire(%j, %j) is refused", async (name, timeout, message) => {
    await expect(runtime.call("t:take", name, timeout)).rejects.toThrow(message);
  });
});
