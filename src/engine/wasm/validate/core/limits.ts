import type { ByteReader } from "../../binary/reader.ts";

/** Limits of a memory or table as its type states them. */
export interface CoreLimits {
  readonly min: bigint;
  readonly max: bigint | undefined;
  readonly shared: boolean;
  /** Addresses are 64 bits wide. */
  readonly wide: boolean;
  /** Logarithm of the size of a page; that of all memories but those with custom pages is 16. */
  readonly page: number;
}

/** Reads limits with everything that subtyping asks for. */
export function readDefinedLimits(reader: ByteReader): CoreLimits {
  const flags = reader.byte();
  if (flags > 0x0f) reader.fail(`unknown limits 0x${flags.toString(16)}`);
  const wide = (flags & 4) !== 0;
  const size = (): bigint => (wide ? reader.u64() : BigInt(reader.u32()));
  const min = size();
  const max = flags & 1 ? size() : undefined;
  const shared = (flags & 2) !== 0;
  if (max !== undefined && max < min) reader.fail(`a maximum of ${max}, less than the minimum of ${min}`);
  if (shared && max === undefined) reader.fail("something shared without a maximum");
  return { min, max, shared, wide, page: flags & 8 ? reader.u32() : 16 };
}

/** Pages of a memory with addresses of 32 bits, and of 64. */
const memoryPages = { narrow: 2n ** 16n, wide: 2n ** 48n };

/** Reads the type of a memory. */
export function readMemoryLimits(reader: ByteReader): CoreLimits {
  const limits = readDefinedLimits(reader);
  const most = limits.wide ? memoryPages.wide : memoryPages.narrow;
  // Pages of other sizes are V8's business.
  if (limits.page === 16 && (limits.max ?? limits.min) > most) reader.fail(`a memory of more than ${most} pages`);
  return limits;
}

/** What is wrong with limits where others are wanted; undefined when they will do. */
export function limitsMisfit(given: CoreLimits, wanted: CoreLimits): string | undefined {
  if (given.wide !== wanted.wide) return `addresses of ${given.wide ? 64 : 32} bits, not ${wanted.wide ? 64 : 32}`;
  if (given.shared !== wanted.shared) return given.shared ? "shared, not of one thread" : "of one thread, not shared";
  if (given.page !== wanted.page) return `pages of 2^${given.page} bytes, not 2^${wanted.page}`;
  if (given.min < wanted.min) return `a minimum of ${given.min}, less than ${wanted.min}`;
  if (wanted.max === undefined) return undefined;
  if (given.max === undefined) return `no maximum, where ${wanted.max} is one`;
  return given.max > wanted.max ? `a maximum of ${given.max}, more than ${wanted.max}` : undefined;
}
