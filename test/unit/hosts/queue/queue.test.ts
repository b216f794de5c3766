import { describe, expect, test, vi } from "vitest";
import { WeftError } from "../../../../src/core/errors.ts";
import type { Value } from "../../../../src/core/values.ts";
import type { QueueSpec } from "../../../../src/hosts/queue/spec.ts";
import type { ServiceOffer } from "../../../../src/hosts/services.ts";
import { instance, type World } from "../lua/support/instance.ts";

const offer = (spec: QueueSpec): ServiceOffer => ({ service: "queue", spec });
const queue = (more: Partial<Extract<QueueSpec, { type: "queue" }>> = {}) =>
  offer({ type: "queue", maxLength: 3, deadLetter: undefined, ...more });
const consumer = (more: Partial<Extract<QueueSpec, { type: "consumer" }>> = {}) =>
  offer({
    type: "consumer",
    queue: "app:jobs",
    func: "app:handle",
    concurrency: 1,
    autoAck: false,
    actor: undefined,
    scope: undefined,
    ...more,
  });

/** A world with a handler in TypeScript. */
function world(
  offers: Readonly<Record<string, ServiceOffer>>,
  handle: (body: Value) => Value | Promise<Value>,
  more: World = {},
) {
  const callees = { "app:handle": { run: (args: readonly Value[]) => handle(args[0] ?? null) } };
  return instance({ offers, callees, ...more });
}

describe("queue.publish", () => {
  test("messages are handled in order, so many at once", async () => {
    const handled: Value[] = [];
    let running = 0;
    let most = 0;
    const { run } = world({ "app:jobs": queue(), "app:c": consumer({ concurrency: 2 }) }, async (body) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
      handled.push(body);
      return null;
    });
    await run(`for i = 1, 3 do assert(queue.publish("jobs", { i = i })) end`);
    await vi.waitFor(() => expect(handled).toEqual([{ i: 1 }, { i: 2 }, { i: 3 }]));
    expect(most).toBe(2);
    expect(await run("return queue.info('app:jobs')")).toEqual({
      id: "app:jobs",
      messages: 0,
      in_flight: 0,
      consumers: 1,
    });
  });

  test.each([
    ["queue.publish('job', 1)", "NotFound", "did you mean app:jobs?"],
    ["queue.publish('', 1)", "Invalid", "the id of a queue"],
    ["queue.publish('jobs')", "Invalid", "needs a body"],
    ["queue.publish('jobs', print)", "Invalid", "function"],
    [
      "(function() for i = 1, 3 do queue.publish('jobs', i) end return queue.publish('jobs', 4) end)()",
      "RateLimited",
      "max_length",
    ],
    ["queue.message()", "Invalid", "not called by a queue.consumer"],
  ])("%s fails with %s", async (source, kind, message) => {
    const { run } = world({ "app:jobs": queue() }, () => null);
    expect(await run(`local v, e = ${source} return { v == nil, e:kind(), e:message() }`)).toEqual([
      true,
      kind,
      expect.stringContaining(message),
    ]);
  });
});

describe("a message that is not handled", () => {
  test("comes back at the end, later and later, until it is", async () => {
    const seen: Value[] = [];
    const { run } = world({ "app:jobs": queue(), "app:c": consumer() }, (body) => {
      seen.push(body);
      if (body !== "bad") return null;
      if (seen.length < 4) throw new WeftError("GUEST_ERROR", "broken");
      return seen.length > 5 ? null : false;
    });
    await run(`queue.publish("jobs", "bad") queue.publish("jobs", "good")`);
    await vi.waitFor(() => expect(seen).toEqual(["bad", "good", "bad", "bad", "bad", "bad"]));
    expect(await run("return queue.info('jobs').messages")).toBe(0);
  });

  test("goes to the dead letters when it was tried often enough, and says why", async () => {
    const dead = { queue: "app:dead", maxAttempts: 2 };
    let tries = 0;
    const { run, services } = world(
      { "app:jobs": queue({ deadLetter: dead }), "app:dead": queue(), "app:c": consumer() },
      () => {
        tries += 1;
        throw new WeftError("GUEST_ERROR", "broken");
      },
    );
    await run(`queue.publish("jobs", "bad", { from = "here" })`);
    await vi.waitFor(async () => {
      const info = await services.ask({ service: "queue", request: { do: "info", id: "app:dead" } });
      expect(info).toMatchObject({ messages: 1 });
    });
    expect(tries).toBe(2);
  });

  test("is gone all the same with auto_ack", async () => {
    let tries = 0;
    const { run } = world({ "app:jobs": queue(), "app:c": consumer({ autoAck: true }) }, () => {
      tries += 1;
      return false;
    });
    await run(`queue.publish("jobs", 1)`);
    await vi.waitFor(() => expect(tries).toBe(1));
    expect(await run(`time.sleep("30ms") return queue.info("jobs").messages`)).toBe(0);
    expect(tries).toBe(1);
  });
});

describe("queue.message", () => {
  test("tells the handler of its message, and settles it", async () => {
    const { run } = instance({
      offers: {
        "app:jobs": queue({ deadLetter: { queue: "app:dead", maxAttempts: 1 } }),
        "app:dead": queue(),
        "app:c": consumer(),
        "app:store": { service: "store", spec: { maxSize: 10, cleanupMs: 60_000 } },
      },
      functions: {
        "app:handle": `local m = queue.message()
          store.get("app:store"):set(tostring((...)), { m:header("from"), m:headers().n, #m:id(), m:header("none") == nil })
          if (...) == "ack" then m:ack() error("late") end
          m:nack()
          return true`,
      },
    });
    await run(
      `queue.publish("jobs", "ack", { from = "here", n = 1 }) queue.publish("jobs", "nack", { from = "there" })`,
    );
    await vi.waitFor(async () => expect(await run(`return queue.info("dead").messages`)).toBe(1));
    expect(
      await run(
        `return { store.get("store"):get("ack"), store.get("store"):has("nack"), queue.info("jobs").messages }`,
      ),
    ).toEqual([["here", 1, 36, true], true, 0]);
  });
});

test("a queue that changes keeps its messages; a consumer that goes handles no more", async () => {
  const handled: Value[] = [];
  const { run, services } = world({ "app:jobs": queue(), "app:c": consumer() }, (body) => {
    handled.push(body);
    return null;
  });
  const { services: real } = services;
  real.remove("app:c", "queue");
  await run(`queue.publish("jobs", 1)`);
  real.remove("app:jobs", "queue");
  real.add("app:jobs", queue({ maxLength: 1 }));
  expect(await run(`local v, e = queue.publish("jobs", 2) return e:kind()`)).toBe("RateLimited");
  expect(handled).toEqual([]);
  real.add("app:c", consumer());
  await vi.waitFor(() => expect(handled).toEqual([1]));
});

test("a queue whose entry is gone is kept for what is in it, and no longer", async () => {
  const { promise: started, resolve: starts } = Promise.withResolvers<void>();
  const { promise: held, resolve: release } = Promise.withResolvers<null>();
  const { run, services } = world({ "app:jobs": queue(), "app:c": consumer() }, () => {
    starts();
    return held;
  });
  const { services: real } = services;
  await run(`queue.publish("jobs", 1)`);
  await started;
  real.remove("app:jobs", "queue");
  expect(await run(`return queue.info("jobs").in_flight`)).toBe(1);
  release(null);
  await vi.waitFor(async () =>
    expect(await run(`local v, e = queue.info("jobs") return e and e:kind()`)).toBe("NotFound"),
  );
  real.add("app:jobs", queue());
  expect(await run(`return queue.info("jobs").messages`)).toBe(0);
});
