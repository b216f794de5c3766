import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { kinds } from "../../../../src/kinds/index.ts";
import type { Kind } from "../../../../src/registry/kind.ts";
import { createRuntime, loadApp, type Runtime } from "../../../../src/index.ts";
import type { Log } from "../../../../src/core/log.ts";
import { folderOf, lua, policy } from "./support/app.ts";

const auto = { auto_start: true };
const byPolicies = { actor: { id: "keeper", meta: { team: "a" } }, policies: ["may_read"] };
const byGroups = { actor: { id: "grouped" }, groups: ["readers"] };

/** What a program knows of who it is, told to whoever asks the store. */
const tells = (key: string): string => `
  local actor = security.actor()
  local who = { actor and actor:id() or "nobody", security.can("read", "x"), security.can("write", "x") }
  store.get("t:kept"):set(${key}, who)
  return who`;

function processOf(name: string, body: string): object {
  return { ...lua(name, body), kind: "process.lua" };
}

const service = (name: string, security?: object): object => ({
  name,
  kind: "process.service",
  process: "tells_process",
  host: "host",
  input: [name],
  lifecycle: { ...auto, ...(security && { security }) },
});

const consumer = (name: string, security?: object): readonly object[] => [
  { name: `${name}_queue`, kind: "queue.queue", driver: "driver" },
  {
    name,
    kind: "queue.consumer",
    queue: `${name}_queue`,
    func: "tells_function",
    lifecycle: { ...auto, ...(security && { security }) },
  },
];

const app = [
  policy("may_read", { actions: "read" }, ["readers"]),
  policy("may_keep", { actions: ["store.*", "funcs.*"] }, ["readers"]),
  { name: "host", kind: "process.host", lifecycle: { ...auto, security: byPolicies } },
  { name: "driver", kind: "queue.driver.memory", lifecycle: { ...auto, security: byPolicies } },
  { name: "kept", kind: "store.memory", lifecycle: { ...auto, security: byPolicies } },
  processOf("tells_process", `local name = ... ${tells("name")}`),
  lua("tells_function", `local name = ... ${tells("name")}`),
  lua("told", `return store.get("t:kept"):get(...)`),
  lua("publish", `return assert(queue.publish("t:" .. ... .. "_queue", ...))`),
  lua("on_host", `return process.exec("t:tells_process", "t:host", "on_host")`),
  service("service_policies", { ...byPolicies, policies: ["may_read", "may_keep"] }),
  service("service_groups", byGroups),
  service("service_bare"),
  ...consumer("consumer_policies", { ...byPolicies, policies: ["may_read", "may_keep"] }),
  ...consumer("consumer_groups", byGroups),
  ...consumer("consumer_bare"),
  { name: "server", kind: "http.service", addr: "127.0.0.1:0", lifecycle: { ...auto, security: byPolicies } },
  { name: "router", kind: "http.router", meta: { server: "server" } },
  {
    name: "endpoint",
    kind: "http.endpoint",
    meta: { router: "router" },
    method: "GET",
    path: "/",
    func: "tells_request",
  },
  lua("tells_request", `local name = "request" ${tells("name")}`),
];

describe("who a program is that a service runs, where `lifecycle.security` says it", () => {
  let folder: string;
  let runtime: Runtime;
  let url: string;
  beforeAll(async () => {
    folder = folderOf(app);
    const listening = Promise.withResolvers<string>();
    const info: Log["info"] = (_message, fields) => {
      if (typeof fields?.["url"] === "string") listening.resolve(fields["url"]);
    };
    const silent = (): void => undefined;
    const log: Log = { debug: silent, info, warn: silent, error: silent };
    runtime = await createRuntime({ app: folder, isolates: 1, log });
    expect(runtime.diagnostics).toEqual([]);
    url = await listening.promise;
  });
  afterAll(async () => {
    await runtime[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  test.each([
    ["service_policies", ["keeper", true, false]],
    ["service_groups", ["grouped", true, false]],
    ["service_bare", ["nobody", false, false]],
  ])("process.service: %s", async (name, who) => {
    await expect.poll(() => runtime.call("t:told", name)).toEqual(who);
  });

  test.each([
    ["consumer_policies", ["keeper", true, false]],
    ["consumer_groups", ["grouped", true, false]],
    ["consumer_bare", ["nobody", false, false]],
  ])("queue.consumer: %s", async (name, who) => {
    await runtime.call("t:publish", name);
    await expect.poll(() => runtime.call("t:told", name)).toEqual(who);
  });

  test("http.service lends its identity to no request: only token_auth says who asks", async () => {
    expect((await fetch(url)).ok).toBe(true);
    expect(await runtime.call("t:told", "request")).toEqual(["nobody", false, false]);
  });

  test("process.host lends its identity to no process: it is who its starter is", async () => {
    expect(await runtime.call("t:on_host")).toEqual(["nobody", false, false]);
  });
});

/** The least of an entry of each kind that has a lifecycle. */
const services: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "db.sql.sqlite": { file: ":memory:" },
  "env.storage.file": { file_path: "vars.env", auto_create: true },
  "env.storage.memory": {},
  "env.storage.os": {},
  "env.storage.router": { storages: ["vars"] },
  "env.storage.static": { values: {} },
  "fs.directory": { directory: "." },
  "http.service": { addr: "127.0.0.1:0" },
  "process.host": {},
  "process.service": { process: "idle", host: "host" },
  "queue.consumer": { queue: "jobs", func: "target" },
  "queue.driver.memory": {},
  "security.token_store": { store: "kept" },
  "store.memory": {},
  "terminal.host": {},
};

describe.each(Object.entries(services))("%s", (kind, fields) => {
  const around = [
    policy("all", {}),
    { name: "vars", kind: "env.storage.memory" },
    { name: "kept", kind: "store.memory" },
    { name: "host", kind: "process.host" },
    { name: "driver", kind: "queue.driver.memory" },
    { name: "jobs", kind: "queue.queue", driver: "driver" },
    lua("target", "return 1"),
    processOf("idle", "return 1"),
  ];
  const problemsOf = async (security: object) => {
    const folder = folderOf([...around, { name: "entry", kind, ...fields, lifecycle: { security } }]);
    try {
      return (await loadApp(folder)).diagnostics.map(({ message }) => message);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  test("may have an actor, policies and groups", async () => {
    expect(await problemsOf({ actor: { id: "keeper" }, policies: ["all"], groups: ["everyone"] })).toEqual([]);
  });

  test.each([
    ["a policy that does not exist", { policies: ["missing"] }, "missing"],
    ["something else than a policy", { policies: ["kept"] }, "store.memory"],
    ["an actor without id", { actor: {} }, "id"],
    ["a misspelt field", { actors: {} }, "actors"],
  ])("is told of %s", async (_what, security, message) => {
    expect((await problemsOf(security)).join("\n")).toContain(message);
  });
});

test("every kind with a lifecycle is a row", () => {
  const schemaOf = ({ schema }: Kind): string => JSON.stringify(z.toJSONSchema(schema, { unrepresentable: "any" }));
  const withLifecycle = kinds.filter((kind) => schemaOf(kind).includes('"lifecycle":')).map(({ name }) => name);
  expect(withLifecycle.toSorted()).toEqual(Object.keys(services));
});
