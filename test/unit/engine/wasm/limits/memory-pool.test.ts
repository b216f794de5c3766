import { describe, expect, test } from "vitest";
import {
  allocateMemoryCounts,
  forgetMemories,
  MemoryPool,
  type MemoryClass,
} from "../../../../../src/engine/wasm/limits/memory-pool.ts";
import { codeOf } from "./support.seam.ts";

const page = 65_536;
const wanted = (min: number, more: Partial<MemoryClass> = {}): MemoryClass => {
  return { min, max: undefined, shared: false, wide: false, exact: false, ...more };
};

describe("a memory that was given back", () => {
  test("is used again, without anything in it", () => {
    const pool = new MemoryPool();
    const memory = pool.acquire(wanted(1));
    memory.grow(1);
    // A guest can write past the size that it is told.
    new Uint8Array(memory.buffer).fill(7);
    pool.release(memory, wanted(1), 1);
    expect(pool.acquire(wanted(1))).toBe(memory);
    expect(new Uint8Array(memory.buffer).every((byte) => byte === 0)).toBe(true);
  });

  test("is not used for another size, maximum or width", () => {
    const pool = new MemoryPool();
    const memory = pool.acquire(wanted(1));
    pool.release(memory, wanted(1), 1);
    for (const other of [wanted(2), wanted(1, { max: 9 }), wanted(1, { wide: true }), wanted(1, { exact: true })]) {
      expect(pool.acquire(other)).not.toBe(memory);
    }
    expect(pool.idle).toBe(1);
  });

  test("is let go when it is too large, mostly unused, shared, or not as it must be", () => {
    const pool = new MemoryPool({ memoryBytes: 64 * page });
    const drops = (memory: MemoryClass, { grow = 0, used = memory.min }) => {
      const taken = pool.acquire(memory);
      if (grow > 0) taken.grow(grow);
      pool.release(taken, memory, used);
      return pool.idle === 0;
    };
    expect(drops(wanted(65), {})).toBe(true);
    expect(drops(wanted(1), { grow: 40 })).toBe(true);
    expect(drops(wanted(1, { exact: true }), { grow: 1 })).toBe(true);
    expect(drops(wanted(1, { shared: true, max: 2 }), {})).toBe(true);
    expect(pool.live).toBe(0);
    expect(drops(wanted(64), {})).toBe(false);
  });
});

describe("a pool", () => {
  test("keeps no more than its bounds, and lets go of what was used longest ago", () => {
    const pool = new MemoryPool({ idleMemories: 2, idleBytes: 8 * page });
    const [a, b, c] = [pool.acquire(wanted(1)), pool.acquire(wanted(2)), pool.acquire(wanted(3))];
    pool.release(a, wanted(1), 1);
    pool.release(b, wanted(2), 2);
    pool.release(c, wanted(3), 3);
    expect([pool.idle, pool.live]).toEqual([2, 2]);
    expect(pool.acquire(wanted(1))).not.toBe(a);
    expect(pool.acquire(wanted(3))).toBe(c);
    const large = pool.acquire(wanted(8));
    pool.release(large, wanted(8), 8);
    expect([pool.idle, pool.live]).toEqual([1, 3]);
  });

  test("refuses what is beyond the process's bound, counted over all threads", () => {
    const count = allocateMemoryCounts(2);
    const pools = [new MemoryPool({ liveMemories: 3 }), new MemoryPool({ liveMemories: 3 })] as const;
    const first = pools[0].acquire(wanted(1));
    for (const [thread, pool] of pools.entries()) pool.shareCount(count, thread);
    pools[0].acquire(wanted(1));
    pools[1].acquire(wanted(1));
    expect(codeOf(() => pools[1].acquire(wanted(1)))).toBe("MEMORY_UNAVAILABLE");
    pools[0].release(first, wanted(1), 1);
    // What waits takes room, too, and makes it where it waits.
    expect(codeOf(() => pools[1].acquire(wanted(1)))).toBe("MEMORY_UNAVAILABLE");
    expect(codeOf(() => pools[0].acquire(wanted(2)))).toBeUndefined();
    expect(pools[1].live).toBe(3);
    forgetMemories(count, 0);
    expect(pools[1].live).toBe(1);
  });

  test("says so when the system has no room", () => {
    const pool = new MemoryPool();
    expect(codeOf(() => pool.acquire(wanted(65_537)))).toBe("MEMORY_UNAVAILABLE");
    expect(pool.live).toBe(0);
  });
});
