import { rmSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { weft } from "../../../cli/weft.ts";
import { ada, folderOf, lua, policy, running, scope, warnings } from "./support/app.ts";

const strict = { security: { strict_mode: true } };
const identity = { actor: { id: "keeper" }, policies: ["all"] };
const auto = { auto_start: true };

/** Writes down that it came this far; every step of it is checked. */
const note = (what: string) => `return assert(assert(store.get("t:kept")):set("${what}", funcs.call("t:target")))`;

function processOf(name: string, body: string, more: Readonly<Record<string, unknown>> = {}): object {
  return { ...lua(name, body, more), kind: "process.lua" };
}

const app = [
  policy("all", {}),
  { name: "host", kind: "process.host", lifecycle: auto },
  { name: "terminal", kind: "terminal.host", lifecycle: auto },
  { name: "kept", kind: "store.memory" },
  lua("target", "return 'reached'"),
  lua("caller", `return funcs.call("t:target")`),
  lua("can", `return security.can("funcs.call", "t:target")`),
  lua("spawner", `return process.exec("t:worker", "t:host")`),
  lua("keys", `return assert(store.get("t:kept")):list()`),
  lua("handler", note("consumer")),
  lua("publish", `return assert(queue.publish("t:" .. ..., 1))`),
  processOf("worker", `return funcs.call("t:target")`, { meta: { default_host: "t:host" } }),
  processOf("go", `return assert(funcs.call("t:target"))`, { meta: { command: { name: "go" } } }),
  processOf("noter", note("service")),
  {
    name: "safe_service",
    kind: "process.service",
    process: "noter",
    host: "host",
    lifecycle: { security: identity, ...auto },
  },
  { name: "driver", kind: "queue.driver.memory", lifecycle: auto },
  { name: "safe", kind: "queue.queue", driver: "driver" },
  { name: "bare", kind: "queue.queue", driver: "driver" },
  {
    name: "safe_consumer",
    kind: "queue.consumer",
    queue: "safe",
    func: "handler",
    lifecycle: { security: identity, ...auto },
  },
  { name: "bare_consumer", kind: "queue.consumer", queue: "bare", func: "handler", auto_ack: true, lifecycle: auto },
  { name: "guests", kind: "fs.directory", directory: "guests" },
  {
    name: "mounted",
    kind: "function.wat",
    method: "f",
    source: '(module (func (export "f")))',
    wasi: { mounts: [{ fs: "guests", guest: "/data" }] },
  },
];

const all = { actor: ada, scope: scope("all") };
const denied = (...parts: string[]) => ({
  code: "PERMISSION_DENIED",
  message: expect.stringMatching(new RegExp(["strict_mode", ...parts, "lifecycle.security", "token_auth"].join(".*"))),
});

describe("in strict mode, whoever has no actor and no scope may do nothing:", () => {
  test("a call from TypeScript may with both, and is told what lacks", async () => {
    await using runtime = await running(app, { settings: strict });
    expect(await runtime.callWith("t:caller", [], all)).toBe("reached");
    await expect(runtime.call("t:caller")).rejects.toMatchObject(denied("no actor and no scope"));
    await expect(runtime.callWith("t:caller", [], { actor: ada })).rejects.toMatchObject(denied("no scope"));
    await expect(runtime.callWith("t:caller", [], { scope: all.scope })).rejects.toMatchObject(denied("no actor"));
    expect(await runtime.callWith("t:can", [], all)).toBe(true);
    expect(await runtime.call("t:can")).toBe(false);
  });

  test("a program of WebAssembly gets no mounts", async () => {
    await using runtime = await running(app, { settings: strict });
    expect(await runtime.callWith("t:mounted", [], all)).toBeNull();
    await expect(runtime.call("t:mounted")).rejects.toMatchObject(denied());
  });

  test("processes and process-functions have what their starter has", async () => {
    await using runtime = await running(app, { settings: strict });
    expect(await runtime.callWith("t:spawner", [], all)).toBe("reached");
    expect(await runtime.callWith("t:worker", [], all)).toBe("reached");
    await expect(runtime.call("t:spawner")).rejects.toMatchObject(denied());
    await expect(runtime.call("t:worker")).rejects.toMatchObject(denied());
    await expect(runtime.exec("t:worker", "t:host", [])).rejects.toMatchObject(denied());
  });

  test("services and consumers of queues have what their lifecycle says", async () => {
    const { log, lines } = warnings();
    await using runtime = await running(app, { settings: strict, log });
    await runtime.callWith("t:publish", ["safe"], all);
    await runtime.callWith("t:publish", ["bare"], all);
    await expect.poll(() => runtime.callWith("t:keys", [], all)).toEqual(["consumer", "service"]);
    await expect.poll(() => lines.filter(([text]) => text === "denied")).toHaveLength(1);
    expect(lines).toContainEqual([
      "denied",
      { action: "store.get", resource: "t:kept", actor: "", pid: expect.stringContaining("t:handler") },
    ]);
  });

  test("a service without an identity fails, and says why", async () => {
    const service = { name: "bare_service", kind: "process.service", process: "noter", host: "host", lifecycle: auto };
    const { log, lines } = warnings();
    await using runtime = await running([...app, service], { settings: strict, log });
    await expect
      .poll(() => lines)
      .toContainEqual(["denied", expect.objectContaining({ action: "store.get", actor: "" })]);
    await expect.poll(() => JSON.stringify(runtime.services)).toContain("strict_mode");
  });

  test("`weft call` and commands, too", async () => {
    const path = folderOf(app, strict);
    const call = await weft(["call", "t:caller", "--app", path]);
    expect(call).toMatchObject({ code: 1, stdout: "" });
    expect(call.stderr).toMatch(/strict_mode.*lifecycle.security/);
    const run = await weft(["run", "go", "--app", path]);
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toMatch(/strict_mode.*lifecycle.security/);
    rmSync(path, { recursive: true });
  });
});
