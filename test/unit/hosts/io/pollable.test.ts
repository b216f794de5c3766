import { describe, expect, test } from "vitest";
import { canceled, Cancellation } from "../../../../src/core/cancellation.ts";
import { alwaysReady, Pollable, type Readiness } from "../../../../src/hosts/io/pollable.ts";

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

describe("pollables", () => {
  test("that are ready do not suspend", () => {
    const pollable = new Pollable(alwaysReady, new Cancellation());
    expect(pollable.ready()).toBe(true);
    expect(pollable.block()).toBeUndefined();
    expect(Pollable.poll([pollable, pollable], new Cancellation())).toEqual(Uint32Array.of(0, 1));
  });

  test("block until they are ready and leave nothing behind", async () => {
    const { thing, set, waiting } = gate();
    const blocked = new Pollable(thing, new Cancellation()).block();
    expect(blocked).toBeInstanceOf(Promise);
    set(false);
    set(true);
    await blocked;
    expect(waiting()).toBe(0);
  });

  test("polled together give the indices of those that are ready", async () => {
    const cancellation = new Cancellation();
    const gates = [gate(), gate(), gate()];
    const polled = Pollable.poll(
      gates.map(({ thing }) => new Pollable(thing, cancellation)),
      cancellation,
    );
    gates[2]?.set(true);
    expect(await polled).toEqual(Uint32Array.of(2));
    expect(gates.map(({ waiting }) => waiting())).toEqual([0, 0, 0]);
  });

  test("stop waiting with the reason when the call is over", async () => {
    const cancellation = new Cancellation();
    const { thing, waiting } = gate();
    const pollable = new Pollable(thing, cancellation);
    const waits = [pollable.block(), Pollable.poll([pollable], cancellation)];
    const reason = canceled();
    cancellation.cancel(reason);
    for (const wait of waits) await expect(wait).rejects.toBe(reason);
    expect(waiting()).toBe(0);
    expect(() => pollable.block()).toThrow(reason);
  });

  test("polled in an empty list trap", () => {
    expect(() => Pollable.poll([], new Cancellation())).toThrow("empty list");
  });
});
