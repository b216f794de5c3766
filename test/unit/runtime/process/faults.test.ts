import { afterEach, describe, expect, test } from "vitest";
import { rootContext } from "../../../../src/core/context.ts";
import type { EntryId } from "../../../../src/core/ids.ts";
import { silentLog } from "../../../../src/core/log.ts";
import type { Value } from "../../../../src/core/values.ts";
import type { ServiceSpec, StartService } from "../../../../src/registry/service.ts";
import type { Placement } from "../../../../src/registry/placement.ts";
import type { ControlPlane } from "../../../../src/runtime/control/control.ts";
import { startControl } from "../../../support/control.ts";
import { Supervisor } from "../../../../src/runtime/supervisor/supervisor.ts";
import { luaPlacement, watPlacement } from "../../../support/placements.ts";

const running: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of running.splice(0).toReversed()) await each[Symbol.asyncDispose]();
});

async function start(
  isolates: number,
  placements: readonly (Placement | Promise<Placement>)[],
  log = silentLog,
): Promise<ControlPlane> {
  const control = await startControl(isolates, log);
  running.push(control);
  for (const placement of placements) control.place(await placement);
  control.processes.hosts.add("t:host", { type: "pool", maxProcesses: 10_000 });
  return control;
}

async function call(control: ControlPlane, id: string, ...args: readonly Value[]): Promise<Value> {
  return await control.dispatcher.call({ id, args, checked: false, context: rootContext() });
}

const asProcess = { role: "process", kind: "process.wasm" } as const;
const wat = (id: EntryId, body: string, limits: Placement["limits"] = {}): Promise<Placement> =>
  watPlacement(id, `(module ${body})`, "run: func() -> s32;", { ...asProcess, limits });

/** Spawns, and says how it ended. */
const watch = luaPlacement(
  "t:watch",
  `return function(id, ...)
    local pid = assert(process.spawn_monitored(id, "t:host", ...))
    local event = process.events():receive()
    local err = event.result.error
    return { mine = event.from == pid, kind = err and err:kind(), message = err and err:message(), value = event.result.value }
  end`,
  [],
);
const sleeper = luaPlacement("t:sleep", `return function(ms) require("time").sleep(ms .. "ms") return ms end`, [
  "time",
]);

describe("a process that", () => {
  test.each<[string, string, Placement["limits"], object]>([
    ["traps", '(func (export "run") (result i32) unreachable)', {}, { kind: "Internal" }],
    [
      "spins past its limit",
      '(func (export "run") (result i32) (loop br 0) i32.const 0)',
      { executionMs: 50 },
      { kind: "Timeout", message: "t:guest ran past its limit of 50 ms" },
    ],
    [
      "overflows its stack",
      '(func $run (export "run") (result i32) (i32.add (call $run) (i32.const 1)))',
      {},
      { kind: "Internal" },
    ],
    [
      "allocates to its cap and then traps",
      '(memory 1) (func (export "run") (result i32) (loop (br_if 0 (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) unreachable)',
      { memoryBytes: 20 * 65_536 },
      { kind: "Unavailable" },
    ],
    [
      "allocates to its cap and handles that",
      '(memory 1) (func (export "run") (result i32) (loop (br_if 0 (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) memory.size)',
      { memoryBytes: 20 * 65_536 },
      { value: 20 },
    ],
    [
      "ends itself with a status",
      '(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) (memory (export "memory") 1) (func (export "run") (result i32) (call $exit (i32.const 3)) unreachable)',
      {},
      { kind: "Internal", message: "t:guest exited with status 3" },
    ],
    ["returns", '(func (export "run") (result i32) i32.const 7)', {}, { value: 7 }],
  ])("%s: whoever monitors it is told, and everybody else goes on", async (_what, body, limits, told) => {
    const control = await start(1, [wat("t:guest", body, limits), watch, sleeper]);
    const asleep = call(control, "t:sleep", 200);
    expect(await call(control, "t:watch", "t:guest")).toMatchObject({ mine: true, ...told });
    expect(await asleep).toBe(200);
    expect(control.processes.running).toEqual([]);
  });
});

const run = async (control: ControlPlane, id: EntryId, ...args: readonly Value[]): Promise<string> =>
  control.processes.spawn({ id, host: "t:host", args, context: rootContext(), monitor: false });

const spin = wat("t:spin", '(func (export "run") (result i32) (loop br 0) i32.const 0)');

/** What `process.service` makes of a process. */
const serve =
  (id: EntryId): StartService =>
  async (tools) => {
    const spawned = tools.spawn({ id, host: "t:host", args: [] });
    return {
      ended: spawned.ended,
      async stop() {
        spawned.terminate();
        await spawned.ended.catch(() => undefined);
      },
    };
  };

function supervise(control: ControlPlane, id: EntryId, restart: Partial<ServiceSpec["restart"]> = {}): Supervisor {
  const supervisor = new Supervisor({
    log: silentLog,
    tools: () => ({
      log: silentLog,
      http: control.services.http,
      runtime: control,
      ask: async (request) => await control.services.ask(request),
      policies: control.policies,
      spawn: (request) => control.processes.spawnSupervised({ ...request, context: rootContext() }),
      correspond: (host, ears) => control.processes.correspond(host, ears),
    }),
  });
  running.push(supervisor);
  supervisor.add("t:service", {
    autoStart: true,
    optional: false,
    startTimeoutMs: 10_000,
    stopTimeoutMs: 10_000,
    stableMs: 60_000,
    requires: [],
    groups: [],
    restart: { initialDelayMs: 5, maxDelayMs: 50, backoffFactor: 2, jitter: 0, maxAttempts: 0, ...restart },
    actor: undefined,
    scope: undefined,
    start: serve(id),
  });
  return supervisor;
}

describe("an isolate that ends while it holds processes", () => {
  const echo = luaPlacement(
    "t:echo",
    `return function(name)
      if name then process.registry.register(name) end
      local inbox = process.inbox()
      while true do
        local message = inbox:receive()
        process.send(message:from(), "echo", process.pid(), message:payload():data())
      end
    end`,
    [],
  );
  /** Spawns until it has one on each isolate; ends the isolate of the other one and says what it hears of it. */
  const witness = luaPlacement(
    "t:witness",
    `return function()
      local own = process.pid():match("|(%d+)%.")
      local other
      repeat
        local pid = assert(process.spawn("t:echo", "t:host"))
        if pid:match("|(%d+)%.") ~= own then other = pid end
      until other
      assert(process.registry.register("the other", other))
      assert(process.monitor(other))
      assert(process.link(other))
      assert(process.send("t:witnesses", "other", other))
      local events, heard = process.events(), {}
      for i = 1, 2 do
        local event = events:receive()
        heard[event.kind] = { event.from == other, event.result.error:kind() }
      end
      local _, gone = process.send(other, "question", 1)
      local _, name = process.registry.lookup("the other")
      return { heard = heard, gone = gone:kind(), name = name:kind() }
    end`,
    [],
  );
  /** Tells the test which isolate the other one is on. */
  const listener = luaPlacement(
    "t:listener",
    `return function()
      process.registry.register("t:witnesses")
      return process.inbox():receive():payload():data()
    end`,
    [],
  );

  test("tells those who monitor or are linked, frees names, and others can be started there again", async () => {
    const control = await start(2, [echo, witness, listener]);
    const told = call(control, "t:listener");
    await expect.poll(() => control.processes.request({ do: "lookup", name: "t:witnesses" })).toBeTruthy();
    const witnessed = call(control, "t:witness");
    const pid = await told;
    control.endIsolate(Number(/\|(\d+)\./.exec(typeof pid === "string" ? pid : "")?.[1]));
    expect(await witnessed).toEqual({
      heard: { "pid.exit": [true, "Unavailable"], "pid.link.down": [true, "Unavailable"] },
      gone: "NotFound",
      name: "NotFound",
    });
    const isolates = await Promise.all(Array.from({ length: 4 }, () => run(control, "t:echo")));
    expect(new Set(isolates.map((each) => /\|(\d+)\./.exec(each)?.[1]))).toEqual(new Set(["0", "1"]));
  });

  test("has its supervised processes started again", async () => {
    const control = await start(1, [echo, sleeper]);
    const supervisor = supervise(control, "t:echo");
    await supervisor.startAll();
    const pids = (): readonly string[] => control.processes.running.map(({ pid }) => pid);
    const [first] = pids();
    // A new thread serves before it may be ended again.
    for (let round = 1; round <= 3; round += 1) {
      const before = pids();
      await call(control, "t:sleep", 1);
      control.endIsolate(0);
      await expect.poll(() => pids().filter((pid) => !before.includes(pid)).length, { timeout: 20_000 }).toBe(1);
      await expect.poll(() => supervisor.state("t:service").status).toBe("running");
    }
    expect(pids()).not.toContain(first);
    expect(supervisor.state("t:service").retryCount).toBe(3);
  });
});

describe("a restart storm", () => {
  test("is held back by growing delays, and everybody else goes on", async () => {
    const control = await start(1, [
      luaPlacement("t:dies", `return function() error("again") end`, [], { role: "process" }),
      sleeper,
    ]);
    const supervisors = Array.from({ length: 20 }, () =>
      supervise(control, "t:dies", { initialDelayMs: 20, maxDelayMs: 10_000 }),
    );
    await Promise.all(supervisors.map((supervisor) => supervisor.startAll()));
    for (let round = 0; round < 10; round += 1) expect(await call(control, "t:sleep", 30)).toBe(30);
    // 20, 40, 80, 160 ms … : however slow the machine, half a second has no room for more.
    for (const supervisor of supervisors) {
      const { retryCount, lastUpdate } = supervisor.state("t:service");
      expect(retryCount).toBeGreaterThan(0);
      expect(lastUpdate).toBeDefined();
      expect(retryCount).toBeLessThan(15);
    }
  });
});

describe("processes that compute for ever", () => {
  test("hold up neither functions nor processes that are started later, and the runtime stops without them", async () => {
    const control = await start(1, [spin, wat("t:seven", '(func (export "run") (result i32) i32.const 7)'), watch]);
    expect(await call(control, "t:watch", "t:seven")).toMatchObject({ value: 7 });
    // Two isolates for WebAssembly processes: both are held.
    await run(control, "t:spin");
    await run(control, "t:spin");
    await new Promise((resolve) => setTimeout(resolve, 300));
    for (let round = 0; round < 4; round += 1) {
      expect(await call(control, "t:watch", "t:seven")).toMatchObject({ value: 7 });
    }
    expect(control.processes.running).toHaveLength(2);
  });

  test("are told of in the log when others wait for them", async () => {
    const lines: unknown[] = [];
    const nap = watPlacement(
      "t:nap",
      `(module (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "run") (result i32)
          (i64.store (i32.const 24) (i64.const 60000000000))
          (i32.store (i32.const 16) (i32.const 1))
          (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128))))`,
      "run: func() -> s32;",
      asProcess,
    );
    const log = { ...silentLog, warn: (message: string, fields = {}) => void lines.push({ message, fields }) };
    const control = await start(1, [spin, nap], log);
    for (let each = 0; each < 4; each += 1) await run(control, "t:nap");
    const pid = await run(control, "t:spin");
    await expect
      .poll(() => lines, { timeout: 20_000 })
      .toContainEqual({
        message: "a process computes, and others of its isolate wait",
        fields: { id: "t:spin", pid, waiting: 2 },
      });
  });

  test("in Lua, they give others their turn", async () => {
    const control = await start(1, [
      luaPlacement("t:lua_spin", `return function() while true do end end`, [], { role: "process" }),
      luaPlacement("t:quick", `return function(n) return n end`, [], { role: "process" }),
      watch,
      sleeper,
    ]);
    const pids = await Promise.all([run(control, "t:lua_spin"), run(control, "t:lua_spin")]);
    expect(await call(control, "t:watch", "t:quick", 3)).toMatchObject({ value: 3 });
    expect(await call(control, "t:sleep", 10)).toBe(10);
    for (const pid of pids) control.processes.terminate(pid);
    await expect.poll(() => control.processes.running).toEqual([]);
  });
});
