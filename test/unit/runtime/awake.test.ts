import { expect, test } from "vitest";
import { Awake } from "../../../src/runtime/awake.ts";

/** A loop whose turns take 10 µs each, and which can be told apart from one that sleeps. */
class FakeLoop {
  time = 0;
  turns = 0;
  #work: (() => void) | undefined;
  now = (): number => this.time;
  next = (work: () => void): void => {
    this.#work = work;
  };

  /** Lets time pass; turns that are wanted happen meanwhile. */
  pass(ms: number): void {
    const end = this.time + ms;
    while (this.time < end) {
      const work = this.#work;
      this.#work = undefined;
      this.time += 0.01;
      if (work === undefined) continue;
      this.turns += 1;
      work();
    }
  }
}

function messages(count: number, everyMs: number): FakeLoop {
  const loop = new FakeLoop();
  const awake = new Awake(loop);
  for (let each = 0; each < count; each += 1) {
    awake.heard();
    loop.pass(everyMs);
  }
  return loop;
}

test("a message alone is no reason to stay awake", () => {
  expect(messages(1, 10).turns).toBe(0);
  expect(messages(50, 1).turns).toBe(0);
});

test("messages that come close together keep the loop turning until the last one is a while ago", () => {
  const loop = messages(100, 0.05);
  expect(loop.turns).toBeGreaterThan(450);
  const { turns } = loop;
  loop.pass(0.2);
  expect(loop.turns - turns).toBeLessThan(20);
});

test("the time that a message's work takes does not count", () => {
  const loop = new FakeLoop();
  const awake = new Awake(loop);
  awake.heard();
  awake.heard();
  // The work: no turn of the loop comes meanwhile.
  loop.time += 5;
  loop.pass(1);
  expect(loop.turns).toBeGreaterThan(8);
});

test("a thread whose next message always comes too late stops waiting for it", () => {
  const loop = messages(1_000, 0.25);
  // A wait after each would be 10,000 turns; these are tried three times.
  expect(loop.turns).toBeLessThan(600);
});

test("it tries again, and stays awake when messages come soon enough by then", () => {
  const loop = new FakeLoop();
  const awake = new Awake(loop);
  for (let each = 0; each < 100; each += 1) {
    awake.heard();
    loop.pass(0.25);
  }
  for (let each = 0; each < 3_000; each += 1) {
    awake.heard();
    loop.pass(0.05);
  }
  const { turns } = loop;
  for (let each = 0; each < 100; each += 1) {
    awake.heard();
    loop.pass(0.05);
  }
  expect(loop.turns - turns).toBeGreaterThan(450);
});
