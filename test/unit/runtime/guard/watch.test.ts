import { describe, expect, test } from "vitest";
import { monotonicMs } from "../../../../src/core/clock.ts";
import { ScopeCut, threadGuard } from "../../../../src/runtime/isolate/guard/guard.ts";
import { SuspendingWatch } from "../../../../src/runtime/isolate/guard/suspending-watch.ts";
import { askingGuest, guestThatAsks, type Ask } from "./support/asking-guest.seam.ts";
import { carriedBy } from "../../../../src/engine/wasm/uncatchable.ts";

/** A guest whose `run(n)` asks its host `n` times, one question after the other, and spins if it is answered -1. */
async function start(ask: Ask): Promise<{ watch: SuspendingWatch; run: (times: number) => Promise<unknown> }> {
  const watch = new SuspendingWatch(threadGuard());
  return { watch, run: await guestThatAsks(watch.realm, ask) };
}

const later = async (answer: number): Promise<number> => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  return answer;
};

describe("a guest that waits", () => {
  test("goes on with what its host answers, at once or later", async () => {
    const quick = await start((count) => count);
    expect(await quick.run(3)).toBe(0 + 1 + 2);
    const slow = await start((count) => later(count * 10));
    expect(await slow.run(3)).toBe(30);
  });

  test("may ask ten thousand times in a row while others have their turn", async () => {
    const { run } = await start(() => 1);
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 0);
    expect(await run(10_000)).toBe(10_000);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(1);
  });

  test("is cut when it spins after its wait, and its neighbours go on", async () => {
    const neighbours = await Promise.all(Array.from({ length: 50 }, () => start((count) => later(count))));
    const spinner = await start(() => later(-1));
    spinner.watch.deadline = monotonicMs() + 30;
    const asked = neighbours.map(({ run }) => run(5));
    await expect(spinner.run(1)).rejects.toBeInstanceOf(ScopeCut);
    expect(await Promise.all(asked)).toEqual(neighbours.map(() => 10));
  });

  test("is cut before it ever waits, and nobody is left to hear of it", async () => {
    const { watch, run } = await start(() => 1);
    watch.deadline = monotonicMs() + 20;
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    expect(() =>
      watch.run(() => {
        void run(1);
        for (;;);
      }),
    ).toThrow(ScopeCut);
    await new Promise((resolve) => setTimeout(resolve, 20));
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
  });

  test("does not go on at all past its deadline", async () => {
    const { watch, run } = await start(() => later(1));
    watch.deadline = monotonicMs() + 2;
    await expect(run(1)).rejects.toBeInstanceOf(ScopeCut);
  });

  test("hears of a host that fails, at once or later", async () => {
    const thrown = new Error("the host's own");
    const quick = await start(() => {
      throw thrown;
    });
    expect(await quick.run(1).catch(carriedBy)).toBe(thrown);
    const slow = await start(() => Promise.reject(thrown));
    expect(await slow.run(1).catch(carriedBy)).toBe(thrown);
  });

  test("is asked for outside of its scope, where nothing cuts its host", async () => {
    const { watch, run } = await start((count) => {
      const end = monotonicMs() + 40;
      while (monotonicMs() < end);
      return count;
    });
    watch.deadline = monotonicMs() + 20;
    // The host finishes its work; the guest has no time left then.
    await expect(run(1)).rejects.toBeInstanceOf(ScopeCut);
  });

  test("goes on in one go while its host answers at once", async () => {
    let asked = 0;
    const { run } = await start(() => (asked += 1));
    const running = run(3);
    expect(asked).toBe(3);
    expect(await running).toBe(1 + 2 + 3);
    const mixed = await start((count) => (count % 3 === 1 ? later(count) : count));
    expect(await mixed.run(8)).toBe(28);
  });

  test("gives its result at once, and throws at once, where it never waits", async () => {
    const watch = new SuspendingWatch(threadGuard());
    const run = await askingGuest(watch.realm, (count) => {
      if (count === 2) throw new Error("the host's own");
      return count === 1 ? later(count) : 7;
    });
    expect(run(0)).toBe(0);
    expect(run(1)).toBe(7);
    const waiting = run(2);
    expect(waiting).toBeInstanceOf(Promise);
    expect(await waiting).toBe(7 + 1);
    const failing = await askingGuest(watch.realm, () => {
      throw new Error("the host's own");
    });
    expect(() => failing(1)).toThrow();
    // However often it is called: only one call that asks and asks has to let others have their turn.
    const steady = await askingGuest(watch.realm, () => 1);
    for (let call = 0; call < 10; call += 1) expect(steady(100)).toBe(100);
  });

  test("may be called by a host that another one asks, and goes on when that one has", async () => {
    const inner = await start((count) => count + 1);
    const failing = await start(() => {
      throw new Error("inner");
    });
    const outer = await start((count) => (count === 1 ? failing.run(1).catch(() => 100) : inner.run(3)));
    expect(await outer.run(3)).toBe(6 + 100 + 6);
  });

  test("goes no further when its host gives it up", async () => {
    let asked = 0;
    const { watch, run } = await start(() => {
      asked += 1;
      watch.end();
      return 1;
    });
    const ended = Symbol("still waits");
    const timeout = new Promise((resolve) => setTimeout(() => resolve(ended), 20));
    expect(await Promise.race([run(3), timeout])).toBe(ended);
    expect(asked).toBe(1);
  });
});
