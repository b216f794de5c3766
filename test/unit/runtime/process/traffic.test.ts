import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { rootContext } from "../../../../src/core/context.ts";
import { toValue, type Value } from "../../../../src/core/values.ts";
import type { ControlPlane } from "../../../../src/runtime/control/control.ts";
import { startControl } from "../../../support/control.ts";
import { luaPlacement } from "../../../support/placements.ts";

/** Writes to others as its plan says, then hands in what it received: letters of each sender with their numbers. */
const node = luaPlacement(
  "t:node",
  `local time = require("time")
  return function(own, plan, expected, pause)
    local peers = process.listen("peers"):receive()
    local inbox = process.inbox()
    local order = { own = own }
    local function note(letter)
      order["from " .. letter.from] = order["from " .. letter.from] or {}
      table.insert(order["from " .. letter.from], letter.n)
    end
    local done = channel.new(1)
    coroutine.spawn(function()
      for i, step in ipairs(plan) do
        if step.wait then time.sleep("1ms") end
        local ok, err
        repeat
          -- A sender that is told of a full mailbox tries again: its letters keep their order.
          ok, err = process.send(peers[step.to], "letter", { from = own, n = i, fill = string.rep("x", step.bytes) })
          if err and err:kind() ~= "RateLimited" then error(err) end
          if err then time.sleep("1ms") end
        until ok
      end
      done:send(true)
    end)
    if pause then time.sleep("5ms") end
    for _ = 1, expected do note(inbox:receive():payload():data()) end
    done:receive()
    return order
  end`,
  ["time"],
  { role: "process" },
);

/** Starts the nodes, tells each of all, and collects what they received. */
const conduct = luaPlacement(
  "t:conduct",
  `return function(plans, expected, pauses, host)
    local events, pids, at = process.events(), {}, {}
    for i, plan in ipairs(plans) do
      pids[i] = assert(process.spawn_monitored("t:node", host, i, plan, expected[i], pauses[i]))
      at[pids[i]] = i
    end
    for _, pid in ipairs(pids) do assert(process.send(pid, "peers", pids)) end
    local results = {}
    for _ = 1, #pids do
      local event = events:receive()
      if event.result.error then return nil, event.result.error end
      results[at[event.from]] = event.result.value
    end
    return { pids = pids, results = results }
  end`,
  [],
);

let control: ControlPlane;
beforeAll(async () => {
  control = await startControl(3);
  control.place(node);
  control.place(conduct);
  control.processes.hosts.add("t:host", { type: "pool", maxProcesses: 100 });
  control.processes.hosts.add("t:narrow", { type: "pool", maxProcesses: 100, mailbox: 4 });
});
afterAll(async () => control[Symbol.asyncDispose]());

interface Step {
  readonly to: number;
  readonly wait: boolean;
  readonly bytes: number;
}

const answer = z.object({ pids: z.array(z.string()), results: z.array(z.unknown()) });

const count = 5;
const step = fc.record({ to: fc.integer({ min: 1, max: count }), wait: fc.boolean(), bytes: fc.nat(200) });
const plans = fc.array(fc.array(step, { maxLength: 60 }), { minLength: count, maxLength: count });

/** What each receiver must have of each sender: the numbers of its letters, in their order. */
function expectedOf(all: readonly (readonly Step[])[], receiver: number): Readonly<Record<string, readonly number[]>> {
  const lists = all.map((plan) => plan.flatMap(({ to }, at) => (to === receiver ? [at + 1] : [])));
  return Object.fromEntries(lists.flatMap((list, sender) => (list.length === 0 ? [] : [[`from ${sender + 1}`, list]])));
}

async function conductPlans(all: readonly (readonly Step[])[], host: string): Promise<Value> {
  const expected = all.map((_, at) => Object.values(expectedOf(all, at + 1)).flat().length);
  const args = [toValue(all, "plans"), expected, all.map((_, at) => at % 2 === 0), host];
  return await control.dispatcher.call({ id: "t:conduct", args, checked: false, context: rootContext() });
}

test.each(["t:host", "t:narrow"])(
  "on %s, over three isolates, nothing is lost and each sender's letters keep their order",
  async (host) => {
    await fc.assert(
      fc.asyncProperty(plans, async (all) => {
        const outcome = await conductPlans(all, host);
        const { pids, results } = answer.parse(outcome);
        const isolates = new Set(pids.map((pid) => /\|(\d+)\./.exec(pid)?.[1]));
        expect(isolates.size).toBe(3);
        for (let receiver = 1; receiver <= count; receiver += 1) {
          expect(results[receiver - 1]).toEqual({ own: receiver, ...expectedOf(all, receiver) });
        }
      }),
      { numRuns: 25 },
    );
  },
);
