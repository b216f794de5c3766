import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { createRuntime, type Runtime } from "../../../src/index.ts";

const index = (entries: string): string => `
version: "1.0"
namespace: s
entries:
  - { name: host, kind: process.host, host: {}, lifecycle: { auto_start: true } }
  # Says its name to whom it was told to, then does what it was told.
  - name: worker
    kind: process.lua
    method: main
    modules: [time, funcs]
    source: |
      local time = require("time")
      return { main = function(name, manner)
        require("funcs").call("s:note", "start " .. name)
        if manner == "ends" then return "done" end
        if manner == "flaky" then time.sleep("60ms") error("it broke") end
        if manner == "fails" then time.sleep("5ms") error("it broke") end
        if manner == "hopeless" then error(errors.new({ message = "no use", retryable = false })) end
        process.registry.register(name)
        local event = process.events():receive()
        require("funcs").call("s:note", "stop " .. name)
        if manner == "stubborn" then time.sleep("1m") end
        return tostring(event.reason)
      end }
  - name: logbook
    kind: process.lua
    method: main
    source: |
      return { main = function()
        process.registry.register("logbook")
        local lines, inbox, events = {}, process.inbox(), process.events()
        while true do
          local got = channel.select{ inbox:case_receive(), events:case_receive() }
          if got.channel == events then return end
          if got.value:topic() == "read" then process.send(got.value:from(), "lines", lines)
          else lines[#lines + 1] = got.value:payload():data() end
        end
      end }
  - name: book
    kind: process.service
    process: s:logbook
    host: s:host
    lifecycle: { auto_start: true }
  - name: note
    kind: function.lua
    modules: [time]
    source: |
      return function(line)
        for i = 1, 100 do
          if process.send("logbook", "note", line) then return true end
          require("time").sleep("5ms")
        end
        error("there is no logbook")
      end
  - name: lines
    kind: function.lua
    source: |
      return function()
        local lines = process.listen("lines")
        if not process.send("logbook", "read") then return {} end
        return lines:receive()
      end
  - name: kill
    kind: function.lua
    source: return function(name) return process.terminate(name) end
${entries}`;

async function withServices(entries: string, use: (runtime: Runtime) => Promise<void>): Promise<void> {
  const path = mkdtempSync(join(tmpdir(), "weft-services-"));
  mkdirSync(join(path, "registry"));
  writeFileSync(join(path, "registry", "_index.yaml"), index(entries));
  try {
    await using runtime = await createRuntime({ app: path, isolates: 2 });
    await use(runtime);
  } finally {
    rmSync(path, { recursive: true });
  }
}

const service = (name: string, manner: string, lifecycle: string): string => `
  - name: ${name}
    kind: process.service
    process: s:worker
    host: s:host
    input: [${name}, ${manner}]
    lifecycle: { requires: [s:book], ${lifecycle} }`;

const status = (runtime: Runtime, name: string): string | undefined =>
  runtime.services.find(({ id }) => id === `s:${name}`)?.status;

describe("a service", () => {
  test("starts with the app after what it requires, and stops before it", async () => {
    const entries = service("second", "waits", "auto_start: true").replace("[s:book]", "[s:book, s:first]");
    await withServices(service("first", "waits", "auto_start: true") + entries, async (runtime) => {
      expect(status(runtime, "first")).toBe("running");
      await expect
        .poll(async () => new Set([await runtime.call("s:lines")].flat()))
        .toEqual(new Set(["start first", "start second"]));
    });
  });

  test("without auto_start does not start, unless another one requires it", async () => {
    const entries = service("alone", "waits", "auto_start: false");
    await withServices(entries, async (runtime) => {
      expect(status(runtime, "alone")).toBe("unknown");
      expect(status(runtime, "book")).toBe("running");
    });
  });

  test("may require a whole group, or a namespace: all of it but what requires the service in turn", async () => {
    const member = (name: string): string =>
      service(name, "waits", "auto_start: true").replace(
        "kind: process.service",
        "kind: process.service\n    meta: { groups: [core] }",
      );
    const whole = service("whole", "waits", "auto_start: true").replace(
      "requires: [s:book]",
      'requires: ["group:core"]',
    );
    const all = service("last", "waits", "auto_start: true").replace("requires: [s:book]", 'requires: ["ns:s"]');
    const inTurn = member("third").replace("requires: [s:book]", "requires: [s:whole]");
    const entries = all + whole + member("first") + member("second") + inTurn;
    await withServices(entries, async (runtime) => {
      await expect.poll(() => runtime.call("s:lines")).toHaveLength(5);
      for (const name of ["first", "second", "third", "whole", "last"]) expect(status(runtime, name)).toBe("running");
    });
  });

  test("that ran for its stable_threshold has its earlier failures forgotten", async () => {
    const restart = "stable_threshold: 20ms, restart: { initial_delay: 5ms, max_delay: 5ms, max_attempts: 2 }";
    const entries = service("flaky", "flaky", `auto_start: true, ${restart}`);
    await withServices(entries, async (runtime) => {
      // Far more failures than the attempts that it has, each after a stable time.
      await expect
        .poll(async () => [await runtime.call("s:lines")].flat().length, { timeout: 20_000 })
        .toBeGreaterThan(5);
      expect(["running", "failed", "starting"]).toContain(status(runtime, "flaky"));
      expect(runtime.services.find(({ id }) => id === "s:flaky")?.details ?? "").not.toContain("given up");
    });
  });

  test.each([
    ["traps", "wat/unreachable.wasm", "method: unreachable", "trap: unreachable"],
    [
      "returns err",
      "rust/worker/worker.wasm",
      "method: fail, imports: [process]",
      "s:guest returned an error: no luck",
    ],
  ])("of WebAssembly that %s is started again", async (_how, path, fields, reason) => {
    const file = fileURLToPath(new URL(`../../guests/${path}`, import.meta.url));
    const hash = createHash("sha256").update(readFileSync(file)).digest("hex");
    const input = path.startsWith("rust") ? "[no luck]" : "[]";
    const entries = `
  - { name: guests, kind: fs.directory, directory: ${JSON.stringify(dirname(file))} }
  - { name: guest, kind: process.wasm, fs: guests, path: ${basename(file)}, hash: "sha256:${hash}", ${fields} }
  - name: failing
    kind: process.service
    process: guest
    host: host
    input: ${input}
    lifecycle: { auto_start: true, restart: { initial_delay: 5ms, max_delay: 20ms, max_attempts: 2 } }`;
    await withServices(entries, async (runtime) => {
      const details = (): unknown => runtime.services.find(({ id }) => id === "s:failing")?.details;
      await expect.poll(details, { timeout: 20_000 }).toContain("given up after 2 restarts");
      expect(details()).toContain(reason);
    });
  });

  test("that is optional starts when what it requires does after all", async () => {
    // What requires nothing has its place before what stands behind two others.
    const entries = `
  - { name: small, kind: process.host, host: { max_processes: 1 } }
  - { name: occupant, kind: process.service, process: s:logbook_too, host: s:small, lifecycle: { auto_start: true } }
  - name: logbook_too
    kind: process.lua
    source: "return function() process.registry.register('occupant') process.events():receive() end"
  - name: late
    kind: process.service
    process: s:worker
    host: s:small
    input: [late, waits]
    lifecycle: { restart: { initial_delay: 10ms, max_delay: 20ms } }
${service("branch", "waits", "auto_start: true, startup: optional").replace("[s:book]", "[s:middle]")}
${service("middle", "waits", "").replace("[s:book]", "[s:late]")}`;
    await withServices(entries, async (runtime) => {
      await expect.poll(() => status(runtime, "late")).toBe("failed");
      expect(status(runtime, "branch")).toBe("unknown");
      await expect.poll(() => runtime.call("s:kill", "occupant").catch(() => "not yet")).toBe(true);
      await expect
        .poll(() => ["late", "middle", "branch"].map((name) => status(runtime, name)))
        .toEqual(["running", "running", "running"]);
    });
  });

  test("is seen from Lua: its state, what is wanted, and how often it failed", async () => {
    const entries = `${service("seen", "waits", "auto_start: true")}
${service("idle", "waits", "auto_start: false")}
${service("lost", "hopeless", "auto_start: true")}
  - name: state
    kind: function.lua
    modules: [system]
    source: |
      return function(id)
        local state, err = require("system").supervisor.state(id)
        if err then return err:kind() end
        return { state.status, state.desired, state.retry_count, state.last_update and math.type(state.last_update) or "never", state.started_at and math.type(state.started_at) or "never", state.details }
      end`;
    await withServices(entries, async (runtime) => {
      expect(await runtime.call("s:state", "s:seen")).toEqual(["running", "running", 0, "integer", "integer", ""]);
      expect(await runtime.call("s:state", "s:idle")).toEqual(["unknown", "stopped", 0, "never", "never", ""]);
      await expect.poll(async () => [await runtime.call("s:state", "s:lost")].flat()[0]).toBe("failed");
      expect([await runtime.call("s:state", "s:lost")].flat()[5]).toBe("no use");
      expect(await runtime.call("s:state", "s:nobody")).toBe("NotFound");
    });
  });

  test("that ends well is not started again", async () => {
    await withServices(service("short", "ends", "auto_start: true"), async (runtime) => {
      await expect.poll(() => status(runtime, "short")).toBe("exited");
      await expect.poll(() => runtime.call("s:lines")).toEqual(["start short"]);
    });
  });

  test("that fails is started again, later each time, until it is given up", async () => {
    const restart = "restart: { initial_delay: 5ms, max_delay: 20ms, max_attempts: 3 }";
    await withServices(service("sick", "fails", `auto_start: true, ${restart}`), async (runtime) => {
      await expect
        .poll(() => runtime.services.find(({ id }) => id === "s:sick")?.details)
        .toContain("given up after 3");
      await expect
        .poll(() => runtime.call("s:lines"))
        .toEqual(["start sick", "start sick", "start sick", "start sick"]);
      expect(status(runtime, "sick")).toBe("failed");
    });
  });

  test("whose error says that it is of no use is not started again", async () => {
    await withServices(service("lost", "hopeless", "auto_start: true"), async (runtime) => {
      await expect.poll(() => status(runtime, "lost")).toBe("failed");
      await expect.poll(() => runtime.call("s:lines")).toEqual(["start lost"]);
    });
  });

  test("that is terminated stays down", async () => {
    await withServices(service("victim", "waits", "auto_start: true"), async (runtime) => {
      await expect.poll(() => runtime.call("s:kill", "victim").catch(() => "not yet")).toBe(true);
      await expect.poll(() => status(runtime, "victim")).toBe("failed");
    });
  });

  test("that does not end in time is made to", async () => {
    const started = performance.now();
    await withServices(service("mule", "stubborn", "auto_start: true, stop_timeout: 30ms"), async (runtime) => {
      await expect.poll(() => runtime.call("s:lines")).toEqual(["start mule"]);
    });
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test("that cannot start fails the boot, if it is required", async () => {
    const broken = service("broken", "waits", "auto_start: true").replace("host: s:host", "host: s:full");
    const full = `
  - { name: full, kind: process.host, host: { max_processes: 1 } }
  - { name: occupant, kind: process.service, process: s:logbook, host: s:full, lifecycle: { auto_start: true } }`;
    const both = full + broken.replace("requires: [s:book]", "requires: [s:book, s:occupant]");
    await expect(withServices(both, () => Promise.resolve())).rejects.toThrow(
      "the service s:broken did not start: s:full already runs 1",
    );
    const optional = both.replace(/auto_start: true }$/, "auto_start: true, startup: optional }");
    await withServices(optional, async (runtime) => {
      expect(status(runtime, "book")).toBe("running");
      await expect.poll(() => status(runtime, "broken")).toBe("failed");
    });
  });
});
