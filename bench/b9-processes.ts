import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createRuntime, type Runtime } from "../src/index.ts";
import { directoryEntry, processEntry, temporaryApp } from "./apps.ts";
import { guestBytes } from "./guests.ts";
import { compare, formatNs, printRows, printTable, scaled, type Contender, type Measured } from "./harness.ts";
import type { IdleReport } from "./idlers.ts";

const run = promisify(execFile);
const idlers = fileURLToPath(new URL("./idlers.ts", import.meta.url));
const guests = fileURLToPath(new URL("../test/guests/wat", import.meta.url));

/** Letters of one batch: below what a mailbox holds. */
const batch = 1_000;

const answer = { fs: "guests", path: "answer.wasm", bytes: guestBytes("wat/answer.wasm") };

const index = `
namespace: b
entries:
  - { name: host, kind: process.host }
  # One isolate each, and not the same one.
  - { name: left, kind: process.host, host: { workers: 1 } }
  - { name: right, kind: process.host, host: { workers: 1 } }
  - { name: nothing, kind: function.lua, source: "return function() return 1 end" }
  - { name: brief, kind: process.lua, source: "return function() return 1 end" }
${directoryEntry("guests", guests)}${processEntry("wasm", answer, ["method: answer", 'wit: "answer: func() -> s32;"'])}
  # Gives every ball back, and one answer for every batch.
  - name: partner
    kind: process.lua
    source: |
      return function()
        local inbox, received = process.inbox(), 0
        while true do
          local message = inbox:receive()
          if message:topic() == "ball" then
            process.send(message:from(), "ball", 1)
          else
            received = received + 1
            if received % ${batch} == 0 then process.send(message:from(), "enough", received) end
          end
        end
      end
  - name: rally
    kind: process.lua
    source: |
      return function(host, topic, times)
        local partner = assert(process.spawn("b:partner", host))
        local ball, enough = process.listen("ball"), process.listen("enough")
        for i = 1, times do
          if topic == "ball" then
            process.send(partner, "ball", i)
            ball:receive()
          else
            for n = 1, ${batch} do assert(process.send(partner, "letter", n)) end
            enough:receive()
          end
        end
        process.terminate(partner)
      end
  # Says when it is up, and breaks when it is told to.
  - name: fragile
    kind: process.lua
    source: |
      return function()
        local inbox = process.inbox()
        process.registry.register("fragile")
        process.send("watcher", "up")
        inbox:receive()
        error("broken")
      end
  - name: service
    kind: process.service
    process: fragile
    host: host
    lifecycle: { auto_start: true, stop_timeout: 1ms, restart: { initial_delay: 0s, max_delay: 0s, jitter: 0 } }
  - name: breaker
    kind: process.lua
    source: |
      return function(times)
        local up = process.listen("up")
        assert(process.registry.register("watcher"))
        for _ = 1, times do
          assert(process.send("fragile", "break"))
          up:receive()
        end
      end
`;

/** B9: processes that start and end, write to each other, break and are started again, and wait. */
export async function bench(): Promise<void> {
  using app = temporaryApp(index);
  {
    await using runtime = await createRuntime({ app: app.directory, isolates: 2, strict: true });
    await startsAndEnds(runtime);
    await letters(runtime);
    const restarts: Contender[] = [
      { name: "a service that breaks, until it is up again", run: (times) => exec(runtime, "b:breaker", times) },
    ];
    printTable("B9: from a crash to the restarted process", await compare(restarts, { times: 100 }));
  }
  for (const count of [scaled(1_000, 0), scaled(6_000, 0), scaled(10_000, 0)]) if (count > 0) await idle(count);
}

async function exec(runtime: Runtime, id: string, ...args: readonly unknown[]): Promise<void> {
  await runtime.exec(id, "b:left", args);
}

async function startsAndEnds(runtime: Runtime): Promise<void> {
  const works: readonly (readonly [string, () => Promise<unknown>])[] = [
    ["a call of a Lua function", () => runtime.call("b:nothing")],
    ["a Lua process, from its start to its end", () => runtime.exec("b:brief", "b:host", [])],
    ["a WebAssembly process, from its start to its end", () => runtime.exec("b:wasm", "b:host", [])],
  ];
  const columns: (readonly Measured[])[] = [];
  const loads = [1, 64] as const;
  for (const atOnce of loads) {
    const contenders = works.map(([name, work]): Contender => ({ name, run: (times) => repeat(times, atOnce, work) }));
    columns.push(await compare(contenders, { times: 640 }));
  }
  const titles = loads.map((atOnce) => `${atOnce} at once`);
  printMatrixOf("B9: processes that start and end, asked for by TypeScript", titles, columns);
}

async function repeat(times: number, atOnce: number, work: () => Promise<unknown>): Promise<void> {
  for (let done = 0; done < times; done += atOnce) {
    await Promise.all(Array.from({ length: Math.min(atOnce, times - done) }, work));
  }
}

function printMatrixOf(title: string, titles: readonly string[], columns: readonly (readonly Measured[])[]): void {
  const [first = []] = columns;
  const cells = (at: number): string[] =>
    columns.map((column) => {
      const { ns = Number.NaN, ratio = Number.NaN } = column[at] ?? {};
      return `${formatNs(ns)} (${ratio.toFixed(2)})`;
    });
  printRows(
    title,
    titles,
    first.map(({ name }, at) => [name, ...cells(at)]),
  );
}

async function letters(runtime: Runtime): Promise<void> {
  const rally = (host: string, topic: string) => (times: number) => exec(runtime, "b:rally", host, topic, times);
  const there = [
    { name: "there and back, on one isolate", run: rally("b:left", "ball") },
    { name: "there and back, across two", run: rally("b:right", "ball") },
  ];
  printTable("B9: letters between Lua processes, latency", await compare(there, { times: 500 }));
  const streams = [
    { name: "on one isolate", run: rally("b:left", "letter") },
    { name: "across two", run: rally("b:right", "letter") },
  ];
  const measured = await compare(streams, { times: scaled(10), rounds: 9 });
  const rows = measured.map(({ name, ns, ratio }) => [
    name,
    formatNs(ns / batch),
    Math.round((batch * 1e6) / ns).toLocaleString("en"),
    ratio.toFixed(2),
  ]);
  const titles = ["of each letter", "thousands of letters a second", "ratio"];
  printRows(`B9: letters between Lua processes, in batches of ${batch.toLocaleString("en")}`, titles, rows);
}

/** So many processes that wait for a letter, on two isolates; each row is a process of its own. */
async function idle(count: number): Promise<void> {
  const rows: string[][] = [];
  for (const [sort, title] of [
    ["lua", "Lua"],
    ["wasm", "WebAssembly: Rust components with 1.1 MB of memory each"],
  ] as const) {
    // A process holds some 16,000 linear memories, and of components with a stack each fewer.
    if (sort === "wasm" && count > 6_000) continue;
    const args = ["--expose-gc", "--disable-warning=ExperimentalWarning", idlers, sort, String(count)];
    const { stdout } = await run(process.execPath, args, { timeout: 100_000 });
    const { readyMs, bytesEach, wakeMs }: IdleReport = JSON.parse(stdout);
    const kb = `${(bytesEach / 1_024).toFixed(1)} KB`;
    rows.push([title, kb, `${readyMs.toFixed(0)} ms`, `${wakeMs.toFixed(0)} ms`]);
  }
  const titles = ["resident memory of each", "until all wait", "until all woke and ended"];
  printRows(`B9: ${count.toLocaleString("en")} idle processes on two isolates`, titles, rows);
}
