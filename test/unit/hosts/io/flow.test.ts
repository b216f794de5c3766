import { describe, expect, test } from "vitest";
import { canceled, Cancellation } from "../../../../src/core/cancellation.ts";
import { InputStream } from "../../../../src/hosts/io/input-stream.ts";
import { IoError } from "../../../../src/hosts/io/io-error.ts";
import { type ByteSink, OutputStream } from "../../../../src/hosts/io/output-stream.ts";

const waiter = () => ({ call: { cancellation: new Cancellation() } });

/** A sink of a few bytes, emptied by hand. */
function smallSink(capacity: number) {
  const wakers = new Set<() => void>();
  const held: number[] = [];
  const all: number[] = [];
  let failure: IoError | undefined;
  const sink: ByteSink = {
    write(bytes) {
      held.push(...bytes);
      all.push(...bytes);
    },
    flow: {
      room() {
        if (failure !== undefined) throw failure;
        return capacity - held.length;
      },
      isFlushed: () => held.length === 0 || failure !== undefined,
      isReady: () => failure !== undefined || held.length < capacity,
      onReady(wake) {
        wakers.add(wake);
        return { [Symbol.dispose]: () => void wakers.delete(wake) };
      },
    },
  };
  const wake = (): void => {
    for (const each of wakers) each();
  };
  return {
    sink,
    all,
    waiting: () => wakers.size,
    drain: (count = held.length): void => {
      held.splice(0, count);
      wake();
    },
    fail: (error: IoError): void => {
      failure = error;
      wake();
    },
  };
}

const bytes = (...values: number[]) => Uint8Array.from(values);
const isSettled = async (promise: Promise<unknown> | void): Promise<boolean> => {
  let settled = false;
  void Promise.resolve(promise).finally(() => (settled = true));
  await new Promise(setImmediate);
  return settled;
};

describe("an output stream over a sink that can be full", () => {
  test("permits what there is room for, and traps on more", () => {
    const { sink, drain } = smallSink(3);
    const stream = new OutputStream(sink, waiter());
    expect(stream.checkWrite()).toBe(3n);
    stream.write(bytes(1, 2));
    expect(stream.checkWrite()).toBe(1n);
    expect(() => stream.write(bytes(3, 4))).toThrow("more than check-write permits");
    stream.write(bytes(3));
    expect(stream.checkWrite()).toBe(0n);
    expect(stream.subscribe().ready()).toBe(false);
    drain(2);
    expect(stream.checkWrite()).toBe(2n);
    expect(stream.subscribe().ready()).toBe(true);
  });

  test("suspends a blocking write until everything was taken and has gone on", async () => {
    const { sink, drain, all, waiting } = smallSink(2);
    const stream = new OutputStream(sink, waiter());
    const writing = stream.blockingWriteAndFlush(bytes(1, 2, 3, 4, 5));
    expect(all).toEqual([1, 2]);
    drain();
    expect(await isSettled(writing)).toBe(false);
    expect(all).toEqual([1, 2, 3, 4]);
    drain();
    expect(await isSettled(writing)).toBe(false);
    drain();
    await writing;
    expect(all).toEqual([1, 2, 3, 4, 5]);
    expect(waiting()).toBe(0);
    const zeroes = stream.blockingWriteZeroesAndFlush(3n);
    drain();
    await isSettled(zeroes);
    drain();
    await zeroes;
    expect(all.slice(5)).toEqual([0, 0, 0]);
  });

  test("permits nothing while it flushes", async () => {
    const { sink, drain } = smallSink(4);
    const stream = new OutputStream(sink, waiter());
    expect(stream.blockingFlush()).toBeUndefined();
    stream.write(bytes(1));
    stream.flush();
    expect(stream.checkWrite()).toBe(0n);
    const pollable = stream.subscribe();
    expect(pollable.ready()).toBe(false);
    const blocked = pollable.block();
    drain();
    await blocked;
    expect(stream.checkWrite()).toBe(4n);
    stream.write(bytes(2));
    const flushing = stream.blockingFlush();
    expect(await isSettled(flushing)).toBe(false);
    drain();
    await flushing;
  });

  test("splices no more than it has room for, and waits for room", async () => {
    const { sink, drain, all } = smallSink(2);
    const stream = new OutputStream(sink, waiter());
    const source = () => {
      let left = [1, 2, 3, 4];
      const read = (limit: number) => {
        const part = left.slice(0, limit);
        left = left.slice(limit);
        return part.length === 0 ? undefined : Uint8Array.from(part);
      };
      return new InputStream({ waits: false, read }, waiter());
    };
    const input = source();
    expect(stream.splice(input, 10n)).toBe(2n);
    expect(stream.splice(input, 10n)).toBe(0n);
    const splicing = stream.blockingSplice(input, 10n);
    expect(await isSettled(Promise.resolve(splicing))).toBe(false);
    drain();
    expect(await splicing).toBe(2n);
    expect(all).toEqual([1, 2, 3, 4]);
  });

  test("reports a failure to whoever waits, once, then is closed", async () => {
    const { sink, fail } = smallSink(1);
    const stream = new OutputStream(sink, waiter());
    const writing = stream.blockingWriteAndFlush(bytes(1, 2));
    const error = new IoError("the line is dead");
    fail(error);
    await expect(writing).rejects.toMatchObject({ payload: { tag: "last-operation-failed", val: error } });
    expect(stream.subscribe().ready()).toBe(true);
    expect(() => stream.checkWrite()).toThrow(expect.objectContaining({ payload: { tag: "closed" } }));
    const flushed = smallSink(1);
    const flushing = new OutputStream(flushed.sink, waiter());
    flushing.write(bytes(1));
    const waiting = flushing.blockingFlush();
    flushed.fail(error);
    await expect(waiting).rejects.toMatchObject({ payload: { tag: "last-operation-failed", val: error } });
  });

  test("stops waiting when the call is over", async () => {
    const cancellation = new Cancellation();
    const { sink, waiting } = smallSink(1);
    const writing = new OutputStream(sink, { call: { cancellation } }).blockingWriteAndFlush(bytes(1, 2));
    const reason = canceled();
    cancellation.cancel(reason);
    await expect(writing).rejects.toBe(reason);
    expect(waiting()).toBe(0);
  });
});
