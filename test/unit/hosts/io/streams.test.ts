import { describe, expect, test } from "vitest";
import { canceled, Cancellation } from "../../../../src/core/cancellation.ts";
import { ByteReader, type ByteSource, emptySource } from "../../../../src/hosts/io/byte-reader.ts";
import { InputStream, readLimitBytes } from "../../../../src/hosts/io/input-stream.ts";
import { IoError } from "../../../../src/hosts/io/io-error.ts";
import { type ByteSink, OutputStream, writePermitBytes } from "../../../../src/hosts/io/output-stream.ts";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const closed = { payload: { tag: "closed" } };

const waiter = () => ({ call: { cancellation: new Cancellation() } });

/** A source that waits: pieces are pushed by hand, `undefined` ends it, an error fails it. */
function pushed() {
  const asked: PromiseWithResolvers<Uint8Array | undefined>[] = [];
  const limits: number[] = [];
  const source: ByteSource = {
    waits: true,
    read(limit) {
      limits.push(limit);
      const next = Promise.withResolvers<Uint8Array | undefined>();
      asked.push(next);
      return next.promise;
    },
  };
  const push = (piece: string | undefined): void =>
    asked.shift()?.resolve(piece === undefined ? piece : Buffer.from(piece));
  return { source, push, fail: (error: Error) => asked.shift()?.reject(error), limits };
}

function collected() {
  const pieces: string[] = [];
  const sink: ByteSink = { write: (bytes) => void pieces.push(text(bytes)) };
  return { sink, pieces };
}

function thrown(operation: () => unknown): unknown {
  try {
    operation();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

describe("an input stream over a source that waits", () => {
  test("gives nothing before there is something", async () => {
    const { source, push } = pushed();
    const stream = new InputStream(source, waiter());
    expect(stream.read(10n)).toHaveLength(0);
    const pollable = stream.subscribe();
    expect(pollable.ready()).toBe(false);
    push("hello");
    await pollable.block();
    expect(text(stream.read(2n))).toBe("he");
    expect(stream.skip(1n)).toBe(1n);
    expect(text(stream.read(10n))).toBe("lo");
  });

  test("blocks until there is something, and is closed at the end", async () => {
    const { source, push } = pushed();
    const stream = new InputStream(source, waiter());
    const reading = stream.blockingRead(10n);
    push("one");
    expect(text(await reading)).toBe("one");
    const skipping = stream.blockingSkip(10n);
    push("four");
    expect(await skipping).toBe(4n);
    const ending = stream.blockingRead(1n);
    push(undefined);
    await expect(ending).rejects.toMatchObject(closed);
    expect(thrown(() => stream.read(1n))).toMatchObject(closed);
  });

  test("asks its source for no more than the guest wants", () => {
    const { source, limits } = pushed();
    new InputStream(source, waiter()).read(7n);
    expect(limits).toEqual([7]);
  });

  test("reports a failure once, then is closed", async () => {
    const { source, fail } = pushed();
    const stream = new InputStream(source, waiter());
    const reading = stream.blockingRead(1n);
    fail(new Error("the line is dead"));
    await expect(reading).rejects.toMatchObject({
      payload: { tag: "last-operation-failed", val: { message: "the line is dead" } },
    });
    expect(thrown(() => stream.read(1n))).toMatchObject(closed);
  });

  test("stops waiting when the call is over", async () => {
    const cancellation = new Cancellation();
    const reading = new InputStream(pushed().source, { call: { cancellation } }).blockingRead(1n);
    const reason = canceled();
    cancellation.cancel(reason);
    await expect(reading).rejects.toBe(reason);
  });

  test("shares a reader with other streams, losing nothing", async () => {
    const { source, push } = pushed();
    const reader = new ByteReader(source);
    const [first, second] = [new InputStream(reader, waiter()), new InputStream(reader, waiter())];
    const ready = first.subscribe().block();
    push("ab");
    await ready;
    expect(text(second.read(1n))).toBe("a");
    first[Symbol.dispose]();
    expect(text(second.read(1n))).toBe("b");
  });
});

describe("an input stream over a source that answers at once", () => {
  test("never suspends and bounds what one read may allocate", () => {
    const limits: number[] = [];
    const source: ByteSource = {
      waits: false,
      read(limit) {
        limits.push(limit);
        return Buffer.from("x");
      },
    };
    const stream = new InputStream(source, waiter());
    expect(stream.blockingRead(2n ** 63n)).toBeInstanceOf(Uint8Array);
    expect(stream.read(0n)).toHaveLength(0);
    expect(stream.subscribe().ready()).toBe(true);
    expect(limits).toEqual([readLimitBytes]);
  });

  test("is closed when there is none", () => {
    expect(thrown(() => new InputStream(emptySource, waiter()).read(1n))).toMatchObject(closed);
  });

  test("closes its source when dropped", () => {
    let open = true;
    const source: ByteSource = { waits: false, read: () => undefined, close: () => void (open = false) };
    new InputStream(source, waiter())[Symbol.dispose]();
    expect(open).toBe(false);
  });
});

describe("an output stream", () => {
  test("writes at once and is always ready", () => {
    const { sink, pieces } = collected();
    const stream = new OutputStream(sink, waiter());
    expect(stream.checkWrite()).toBe(BigInt(writePermitBytes));
    expect(stream.subscribe().ready()).toBe(true);
    stream.write(Buffer.from("a"));
    void stream.blockingWriteAndFlush(Buffer.from("b"));
    stream.writeZeroes(2n);
    void stream.blockingWriteZeroesAndFlush(1n);
    stream.flush();
    void stream.blockingFlush();
    expect(pieces).toEqual(["a", "b", "\0\0", "\0"]);
  });

  test("takes as much as it permits and traps on more", () => {
    const stream = new OutputStream(collected().sink, waiter());
    stream.write(new Uint8Array(writePermitBytes));
    expect(() => stream.write(new Uint8Array(writePermitBytes + 1))).toThrow("more than check-write permits");
    expect(() => stream.writeZeroes(2n ** 60n)).toThrow("more than check-write permits");
  });

  test("copies from an input stream what is there, or waits for something", async () => {
    const { source, push } = pushed();
    const { sink, pieces } = collected();
    const output = new OutputStream(sink, waiter());
    const input = new InputStream(source, waiter());
    expect(output.splice(input, 5n)).toBe(0n);
    const copying = output.blockingSplice(input, 5n);
    push("abc");
    expect(await copying).toBe(3n);
    expect(pieces.join("")).toBe("abc");
  });

  test("without a sink is closed", () => {
    const stream = new OutputStream(undefined, waiter());
    for (const operation of [() => stream.checkWrite(), () => stream.write(new Uint8Array(1)), () => stream.flush()]) {
      expect(thrown(operation)).toMatchObject(closed);
    }
  });

  test("without a sink shows what it refuses to who asked for it", () => {
    const refused: string[] = [];
    const stream = new OutputStream(undefined, waiter(), (bytes) => refused.push(Buffer.from(bytes).toString()));
    expect(stream.checkWrite()).toBeGreaterThan(0n);
    expect(thrown(() => stream.write(Buffer.from("oh")))).toMatchObject(closed);
    expect(thrown(() => stream.blockingWriteAndFlush(Buffer.from("dear")))).toMatchObject(closed);
    expect(thrown(() => stream.flush())).toMatchObject(closed);
    expect(refused).toEqual(["oh", "dear"]);
  });

  test("reports a failure once, then is closed; other errors pass through", () => {
    const error = new IoError("the disk is full", "insufficient-space");
    const failing = new OutputStream(
      {
        write: () => {
          throw error;
        },
      },
      waiter(),
    );
    expect(thrown(() => failing.write(new Uint8Array(1)))).toMatchObject({
      payload: { tag: "last-operation-failed", val: error },
    });
    expect(thrown(() => failing.checkWrite())).toMatchObject(closed);
    const limit = new Error("a limit");
    const limited = new OutputStream(
      {
        write: () => {
          throw limit;
        },
      },
      waiter(),
    );
    expect(thrown(() => limited.write(new Uint8Array(1)))).toBe(limit);
  });
});
