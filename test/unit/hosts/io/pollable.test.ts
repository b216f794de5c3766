import { describe, expect, test } from "vitest";
import { canceled, Cancellation } from "../../../../src/core/cancellation.ts";
import { alwaysReady, Pollable, type Readiness, type Waiter } from "../../../../src/hosts/io/pollable.ts";

/** Something that becomes ready by hand, and knows how many wait for it. */
function gate() {
  const wakers = new Set<() => void>();
  let open = false;
  const thing: Readiness = {
    isReady: () => open,
    onReady(wake) {
      wakers.add(wake);
      return { [Symbol.dispose]: () => void wakers.delete(wake) };
    },
  };
  const set = (value: boolean): void => {
    open = value;
    for (const wake of wakers) wake();
  };
  return { thing, set, waiting: () => wakers.size };
}

function waiter(cancellation = new Cancellation()): Waiter {
  return { call: { cancellation } };
}

describe("pollables", () => {
  test("that are ready do not suspend", () => {
    const pollable = new Pollable(alwaysReady, waiter());
    expect(pollable.ready()).toBe(true);
    expect(pollable.block()).toBeUndefined();
    expect(Pollable.poll([pollable, pollable], waiter())).toEqual(Uint32Array.of(0, 1));
  });

  test("block until they are ready and leave nothing behind", async () => {
    const { thing, set, waiting } = gate();
    const blocked = new Pollable(thing, waiter()).block();
    expect(blocked).toBeInstanceOf(Promise);
    set(false);
    set(true);
    await blocked;
    expect(waiting()).toBe(0);
  });

  test("polled together give the indices of those that are ready", async () => {
    const call = waiter();
    const gates = [gate(), gate(), gate()];
    const polled = Pollable.poll(
      gates.map(({ thing }) => new Pollable(thing, call)),
      call,
    );
    gates[2]?.set(true);
    expect(await polled).toEqual(Uint32Array.of(2));
    expect(gates.map(({ waiting }) => waiting())).toEqual([0, 0, 0]);
  });

  test("stop waiting with the reason when the call is over", async () => {
    const cancellation = new Cancellation();
    const { thing, waiting } = gate();
    const pollable = new Pollable(thing, waiter(cancellation));
    const waits = [pollable.block(), Pollable.poll([pollable], waiter(cancellation))];
    const reason = canceled();
    cancellation.cancel(reason);
    for (const wait of waits) await expect(wait).rejects.toBe(reason);
    expect(waiting()).toBe(0);
    expect(() => pollable.block()).toThrow(reason);
  });

  test("polled in an empty list trap", () => {
    expect(() => Pollable.poll([], waiter())).toThrow("empty list");
  });

  test("look at the call that waits, not at the one they were made in", async () => {
    const { thing } = gate();
    const instance = { call: { cancellation: new Cancellation() } };
    const pollable = new Pollable(thing, instance);
    instance.call.cancellation.cancel(canceled());
    instance.call = { cancellation: new Cancellation() };
    const waiting = pollable.block();
    const reason = canceled("the second call");
    instance.call.cancellation.cancel(reason);
    await expect(waiting).rejects.toBe(reason);
  });
});
