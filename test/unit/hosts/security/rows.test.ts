import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Runtime } from "../../../../src/index.ts";
import { ada, lua, policy, running, scope } from "./support/app.ts";

/** One row of the table of checks: what a program does, and what it must be allowed to. */
interface Row {
  readonly action: string;
  readonly resource: string;
  /** The body of a Lua function. Returns `nil, error` or raises when it is refused. */
  readonly lua: string;
  /** A refusal shows as fewer things found, not as an error. */
  readonly hides?: boolean;
}

const host = "t:host";
const spawn = (how: string): string => `return process.${how}("t:idle", "${host}")`;
/** Starts a process that waits, and does something to it. */
const toPeer = (deed: string): string => `
  local pid = assert(process.spawn("t:idle", "${host}"))
  local done, err = ${deed}
  process.registry.unregister("peer")
  return done, err`;

/** Works with a contract. */
const contract = (deed: string): string => `
  local contract = require("contract")
  local c, refused = contract.get("t:greeter")
  if not c then return nil, refused end
  ${deed.replace("c:open():", "assert(c:open()):")}`;

/** Works with a token store. */
const token = (deed: string): string => `
  local tokens = assert(security.token_store("t:tokens"))
  local function create() return tokens:create(security.actor(), security.scope()) end
  ${deed}`;

/** Does something with `system` that this runtime refuses to everybody: only a refusal for want of rights counts. */
const beyondRights = (deed: string): string => `
  local ok, err = require("system").${deed}
  if err and err:kind() == errors.PERMISSION_DENIED then return nil, err end
  return 1`;

const rows: Readonly<Record<string, Row>> = {
  call: { action: "funcs.call", resource: "t:target", lua: `return funcs.call("t:target")` },
  async: { action: "funcs.call", resource: "t:target", lua: `return funcs.async("t:target")` },
  executor: { action: "funcs.call", resource: "t:target", lua: `return funcs.new():call("t:target")` },
  executor_async: { action: "funcs.call", resource: "t:target", lua: `return funcs.new():async("t:target")` },
  call_wit: { action: "funcs.call", resource: "t:add", lua: `return funcs.call("t:add", "wrong")` },
  with_context: {
    action: "funcs.context",
    resource: "context",
    lua: `local e, err = funcs.new():with_context({ a = 1 }) return e and 1, err`,
  },
  with_actor: {
    action: "funcs.security",
    resource: "security",
    lua: `local e, err = funcs.new():with_actor(security.actor()) return e and 1, err`,
  },
  with_scope: {
    action: "funcs.security",
    resource: "security",
    lua: `local e, err = funcs.new():with_scope(security.scope()) return e and 1, err`,
  },
  actor_table: {
    action: "security.actor.create",
    resource: "eve",
    lua: `local e, err = funcs.new():with_actor({ id = "eve" }) return e and 1, err`,
  },
  scope_table: {
    action: "security.policy.get",
    resource: "t:all",
    lua: `local e, err = funcs.new():with_scope({ policies = { "t:all" } }) return e and 1, err`,
  },
  spawn: { action: "process.spawn", resource: "t:idle", lua: spawn("spawn") },
  spawn_monitored: { action: "process.spawn.monitored", resource: "t:idle", lua: spawn("spawn_monitored") },
  spawn_linked: { action: "process.spawn.linked", resource: "t:idle", lua: spawn("spawn_linked") },
  spawn_both: { action: "process.spawn.linked", resource: "t:idle", lua: spawn("spawn_linked_monitored") },
  host: { action: "process.host", resource: host, lua: spawn("spawn") },
  host_monitored: { action: "process.host", resource: host, lua: spawn("spawn_monitored") },
  host_linked: { action: "process.host", resource: host, lua: spawn("spawn_linked") },
  exec: { action: "process.exec", resource: "t:short", lua: `return process.exec("t:short", "${host}")` },
  exec_host: { action: "process.host", resource: host, lua: `return process.exec("t:short", "${host}")` },
  spawner_context: { action: "process.context", resource: "context", lua: `process.with_context({}) return 1` },
  spawner_actor: {
    action: "process.security",
    resource: "security",
    lua: `process.with_options({}):with_actor(security.actor()) return 1`,
  },
  spawner_scope: {
    action: "process.security",
    resource: "security",
    lua: `process.with_options({}):with_scope(security.scope()) return 1`,
  },
  spawner_spawn: {
    action: "process.spawn",
    resource: "t:idle",
    lua: `return process.with_options({}):spawn("t:idle", "${host}")`,
  },
  spawner_name: {
    action: "process.registry.register",
    resource: "n1",
    lua: `return process.with_options({}):with_name("n1"):spawn("t:short", "${host}")`,
  },
  upgrade: { action: "process.spawn", resource: "t:target", lua: `return process.upgrade("t:target")` },
  send: { action: "process.send", resource: "{t:host|*", lua: toPeer(`process.send(pid, "hello")`) },
  terminate: { action: "process.terminate", resource: "{t:host|*", lua: toPeer(`process.terminate(pid)`) },
  cancel: { action: "process.cancel", resource: "{t:host|*", lua: toPeer(`process.cancel(pid)`) },
  monitor: { action: "process.monitor", resource: "{t:host|*", lua: toPeer(`process.monitor(pid)`) },
  unmonitor: { action: "process.unmonitor", resource: "{t:host|*", lua: toPeer(`process.unmonitor(pid)`) },
  link: { action: "process.link", resource: "{t:host|*", lua: toPeer(`process.link(pid)`) },
  unlink: { action: "process.unlink", resource: "{t:host|*", lua: toPeer(`process.unlink(pid)`) },
  register: { action: "process.registry.register", resource: "mine", lua: `return process.registry.register("mine")` },
  register_eventual: {
    action: "process.registry.register.eventual",
    resource: "mine1",
    lua: `return process.registry.register("mine1", nil, process.registry.EVENTUAL)`,
  },
  register_consistent: {
    action: "process.registry.register.consistent",
    resource: "mine2",
    lua: `return process.registry.register("mine2", nil, process.registry.CONSISTENT)`,
  },
  register_strong: {
    action: "process.registry.register.strong",
    resource: "mine3",
    lua: `return process.registry.register("mine3", nil, process.registry.STRONG)`,
  },
  foreign: {
    action: "process.registry.foreign",
    resource: "{t:host|*",
    lua: toPeer(`process.registry.register("peer", pid)`),
  },
  unregister: {
    action: "process.registry.unregister",
    resource: "mine",
    lua: `return process.registry.unregister("mine")`,
  },
  registry_get: { action: "registry.get", resource: "t:note", lua: `return registry.get("t:note")` },
  registry_find: {
    action: "registry.get",
    resource: "t:note",
    hides: true,
    lua: `return #registry.find({ [".name"] = "note" })`,
  },
  snapshot_get: { action: "registry.get", resource: "t:note", lua: `return registry.snapshot():get("t:note")` },
  snapshot_entries: {
    action: "registry.get",
    resource: "t:*",
    hides: true,
    lua: `return #registry.snapshot():entries()`,
  },
  snapshot_find: {
    action: "registry.get",
    resource: "t:note",
    hides: true,
    lua: `return #registry.snapshot():find({ [".name"] = "note" })`,
  },
  snapshot_namespace: {
    action: "registry.get",
    resource: "t:*",
    hides: true,
    lua: `return #registry.snapshot():namespace("t")`,
  },
  registry_apply: {
    action: "registry.apply",
    resource: "registry",
    lua: `local c = registry.snapshot():changes() c:create({ id = "x:" .. (...), kind = "registry.entry" }) local v, err = c:apply() return v and 1, err`,
  },
  apply_version: {
    action: "registry.apply_version",
    resource: "registry",
    lua: `local v, err = registry.apply_version(registry.current_version():id()) return v and 1, err`,
  },
  subscribe: {
    action: "events.subscribe",
    resource: "app",
    lua: `local s, err = events.subscribe("app") return s and 1, err`,
  },
  events_send: { action: "events.send", resource: "app", lua: `return events.send("app", "x", "/")` },
  env_get: { action: "env.get", resource: "NAME", lua: `return env.get("NAME")` },
  env_by_id: { action: "env.get", resource: "NAME", lua: `return env.get("t:name")` },
  env_by_name: { action: "env.get", resource: "t:name", lua: `return env.get("NAME")` },
  env_set: { action: "env.set", resource: "NAME", lua: `return env.set("NAME", "x")` },
  env_all: {
    action: "env.get",
    resource: "NAME",
    hides: true,
    lua: `local n = 0 for _ in pairs(env.get_all()) do n = n + 1 end return n`,
  },
  fs_get: { action: "fs.get", resource: "t:guests", lua: `local f, err = fs.get("t:guests") return f and 1, err` },
  store_get: { action: "store.get", resource: "t:kept", lua: `local s, err = store.get("t:kept") return s and 1, err` },
  store_info: { action: "store.info", resource: "t:kept", lua: `return store.get("t:kept"):info()` },
  key_get: {
    action: "store.key.get",
    resource: "t:kept",
    lua: `local s = store.get("t:kept") s:set("k", 1) return s:get("k")`,
  },
  key_set: { action: "store.key.set", resource: "t:kept", lua: `return store.get("t:kept"):set("k", 1)` },
  key_has: { action: "store.key.has", resource: "t:kept", lua: `return store.get("t:kept"):has("k")` },
  key_delete: { action: "store.key.delete", resource: "t:kept", lua: `return store.get("t:kept"):delete("k")` },
  key_list: { action: "store.key.list", resource: "t:kept", lua: `return store.get("t:kept"):list("k")` },
  policy: {
    action: "security.policy.get",
    resource: "t:all",
    lua: `local p, err = security.policy("t:all") return p and p:id(), err`,
  },
  group: {
    action: "security.policy_group.get",
    resource: "t:everyone",
    lua: `local s, err = security.named_scope("t:everyone") return s and 1, err`,
  },
  new_scope: {
    action: "security.scope.create",
    resource: "custom",
    lua: `local s, err = security.new_scope() return s and 1, err`,
  },
  scope_with: {
    action: "security.scope.create",
    resource: "with",
    lua: `local s, err = security.scope():with(security.policy("t:all")) return s and 1, err`,
  },
  scope_without: {
    action: "security.scope.create",
    resource: "without",
    lua: `local s, err = security.scope():without("t:all") return s and 1, err`,
  },
  new_actor: {
    action: "security.actor.create",
    resource: "eve",
    lua: `local a, err = security.new_actor("eve") return a and 1, err`,
  },
  token_store: {
    action: "security.token_store.get",
    resource: "t:tokens",
    lua: `local s, err = security.token_store("t:tokens") return s and 1, err`,
  },
  token_create: { action: "security.token.create", resource: "t:tokens", lua: token(`return create()`) },
  token_actor: {
    action: "security.actor.create",
    resource: "eve",
    lua: token(`return tokens:create({ id = "eve" }, security.scope())`),
  },
  token_scope: {
    action: "security.scope.create",
    resource: "custom",
    lua: token(`return tokens:create(security.actor(), { policies = {} })`),
  },
  token_validate: {
    action: "security.token.validate",
    resource: "t:tokens",
    lua: token(`local actor, _, err = tokens:validate(create()) return actor and actor:id(), err`),
  },
  token_revoke: { action: "security.token.revoke", resource: "t:tokens", lua: token(`return tokens:revoke(create())`) },
  contract_get: { action: "contract.get", resource: "t:greeter", lua: contract(`return c:id()`) },
  contract_open: {
    action: "contract.open",
    resource: "t:polite",
    lua: contract(`local i, err = contract.open("t:polite") return i and 1, err`),
  },
  contract_open_default: { action: "contract.open", resource: "t:polite", lua: contract(`return c:open():greet()`) },
  contract_open_context: {
    action: "contract.context",
    resource: "context",
    lua: contract(`local i, err = contract.open("t:polite", { a = 1 }) return i and 1, err`),
  },
  contract_open_query: {
    action: "contract.context",
    resource: "context",
    lua: contract(`local i, err = contract.open("t:polite?a=1") return i and 1, err`),
  },
  contract_implementations: {
    action: "contract.implementations",
    resource: "t:greeter",
    lua: contract(`return c:implementations()`),
  },
  contract_find: {
    action: "contract.implementations",
    resource: "t:greeter",
    lua: contract(`return contract.find_implementations("t:greeter")`),
  },
  contract_with_context: {
    action: "contract.context",
    resource: "context",
    lua: contract(`local d, err = c:with_context({ a = 1 }) return d and 1, err`),
  },
  contract_with_actor: {
    action: "contract.security",
    resource: "security",
    lua: contract(`local d, err = c:with_actor(security.actor()) return d and 1, err`),
  },
  contract_with_scope: {
    action: "contract.security",
    resource: "security",
    lua: contract(`local d, err = c:with_scope(security.scope()) return d and 1, err`),
  },
  contract_call: { action: "contract.call", resource: "greet", lua: contract(`return c:open():greet()`) },
  contract_call_async: {
    action: "contract.call",
    resource: "greet",
    lua: contract(`local f, err = c:open():greet_async() return f and 1, err`),
  },
  contract_function: { action: "funcs.call", resource: "t:target", lua: contract(`return c:open():greet()`) },
  contract_function_async: {
    action: "funcs.call",
    resource: "t:target",
    lua: contract(`local f, err = c:open():greet_async() return f and 1, err`),
  },
  queue_publish: { action: "queue.publish", resource: "t:jobs", lua: `return require("queue").publish("t:jobs", 1)` },
  queue_publish_queue: {
    action: "queue.publish.queue",
    resource: "t:jobs",
    lua: `return require("queue").publish("t:jobs", 1)`,
  },
  system_read: { action: "system.read", resource: "memory", lua: `return require("system").memory.allocated()` },
  system_running: { action: "system.read", resource: "runtime", lua: `return require("system").runtime.goroutines()` },
  system_cluster: { action: "system.read", resource: "cluster", lua: `return require("system").cluster.leader()` },
  system_control: { action: "system.control", resource: "memory", lua: beyondRights(`memory.set_limit(1)`) },
  system_gc: { action: "system.gc", resource: "gc", lua: beyondRights(`gc.collect()`) },
  system_gc_percent: { action: "system.gc", resource: "gc", lua: beyondRights(`gc.set_percent(1)`) },
  system_exit: { action: "system.exit", resource: "exit", lua: beyondRights(`exit()`) },
  system_lock: { action: "system.lock", resource: "row", lua: `return require("system").lock.acquire("row")` },
  system_unlock: {
    action: "system.lock",
    resource: "row",
    lua: `local done, err = require("system").lock.release("row") return done == false and 1, err`,
  },
  db_get: {
    action: "db.get",
    resource: "t:db",
    lua: `local db, err = require("sql").get("t:db") return db and 1, err`,
  },
};

const app = [
  policy("all", {}, ["everyone"]),
  lua("target", "return 'reached'"),
  {
    name: "add",
    kind: "function.wat",
    method: "f",
    wit: "f: func(n: s32) -> s32;",
    source: '(module (func (export "f") (param i32) (result i32) (local.get 0)))',
  },
  { name: "host", kind: "process.host", lifecycle: { auto_start: true } },
  { name: "idle", kind: "process.lua", source: "return function() process.events():receive() end" },
  { name: "short", kind: "process.lua", source: "return function() return 1 end" },
  { name: "note", kind: "registry.entry" },
  { name: "guests", kind: "fs.directory", directory: "guests" },
  { name: "vars", kind: "env.storage.memory" },
  { name: "name", kind: "env.variable", variable: "NAME", storage: "vars", default: "value" },
  { name: "kept", kind: "store.memory" },
  { name: "db", kind: "db.sql.sqlite", file: ":memory:" },
  { name: "greeter", kind: "contract.definition", methods: [{ name: "greet" }] },
  {
    name: "polite",
    kind: "contract.binding",
    contracts: [{ contract: "greeter", methods: { greet: "target" }, default: true }],
  },
  { name: "tokens", kind: "security.token_store", store: "kept" },
  { name: "driver", kind: "queue.driver.memory", lifecycle: { auto_start: true } },
  { name: "jobs", kind: "queue.queue", driver: "driver" },
  ...Object.entries(rows).flatMap(([name, row]) => [
    lua(`row_${name}`, row.lua),
    policy(`no_${name}`, { actions: row.action, resources: row.resource, effect: "deny" }),
  ]),
];

describe("every row of the table of checks, from Lua", () => {
  let runtime: Runtime & Disposable;
  beforeAll(async () => {
    runtime = await running(app);
    expect(runtime.diagnostics).toEqual([]);
  });
  afterAll(async () => {
    await runtime[Symbol.asyncDispose]();
    runtime[Symbol.dispose]();
  });

  describe.each(Object.entries(rows))("%s", (name, row) => {
    const callWith = (...policies: string[]) =>
      runtime.callWith(`t:row_${name}`, [name], { actor: ada, scope: scope(...policies) });

    test("is granted by a policy that allows it", async () => {
      const outcome = await callWith("all").catch((error: unknown) => error);
      expect(outcome).not.toMatchObject({ code: "PERMISSION_DENIED" });
      if (row.hides === true) expect(outcome).toBeGreaterThan(0);
    });

    test("is denied by one that denies it, with the policy told", async () => {
      if (row.hides === true) {
        expect(await callWith("all", `no_${name}`)).toBe(0);
        return;
      }
      const resource = row.resource.endsWith("*") ? expect.stringContaining(row.resource.slice(0, -1)) : row.resource;
      await expect(callWith("all", `no_${name}`)).rejects.toMatchObject({
        code: "PERMISSION_DENIED",
        details: { action: row.action, resource, actor: "ada", policy: expect.stringContaining(`t:no_${name}`) },
      });
    });
  });
});
