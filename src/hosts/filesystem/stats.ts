import type { BigIntStats } from "node:fs";
import { type Datetime, toDatetime } from "../io/datetime.ts";

/** The enum `descriptor-type`. */
export type DescriptorType =
  | "unknown"
  | "block-device"
  | "character-device"
  | "directory"
  | "fifo"
  | "symbolic-link"
  | "regular-file"
  | "socket";

/** The record `descriptor-stat`. */
export interface DescriptorStat {
  readonly type: DescriptorType;
  readonly linkCount: bigint;
  readonly size: bigint;
  readonly dataAccessTimestamp: Datetime;
  readonly dataModificationTimestamp: Datetime;
  readonly statusChangeTimestamp: Datetime;
}

/** What the system says about a thing, in its directory or of itself. */
type Typed = Pick<
  BigIntStats,
  "isFile" | "isDirectory" | "isSymbolicLink" | "isFIFO" | "isSocket" | "isCharacterDevice" | "isBlockDevice"
>;

/** What kind of thing it is. */
export function typeOf(thing: Typed): DescriptorType {
  if (thing.isFile()) return "regular-file";
  if (thing.isDirectory()) return "directory";
  if (thing.isSymbolicLink()) return "symbolic-link";
  if (thing.isFIFO()) return "fifo";
  if (thing.isSocket()) return "socket";
  if (thing.isCharacterDevice()) return "character-device";
  return thing.isBlockDevice() ? "block-device" : "unknown";
}

export function toDescriptorStat(stats: BigIntStats): DescriptorStat {
  return {
    type: typeOf(stats),
    linkCount: stats.nlink,
    size: stats.size,
    dataAccessTimestamp: toDatetime(stats.atimeNs),
    dataModificationTimestamp: toDatetime(stats.mtimeNs),
    statusChangeTimestamp: toDatetime(stats.ctimeNs),
  };
}

/** The record `metadata-hash-value`. */
export interface MetadataHash {
  readonly lower: bigint;
  readonly upper: bigint;
}

/** Differs between files, and when one is replaced or changed; says nothing about the host's inode numbers. */
export function metadataHash(stats: BigIntStats): MetadataHash {
  const lower = mix(mix(hashKey ^ stats.ino) ^ stats.dev);
  return { lower, upper: mix(mix(lower ^ stats.mtimeNs) ^ stats.size) };
}

const hashKey = crypto.getRandomValues(new BigUint64Array(1))[0] ?? 0n;

/** The finalizer of SplitMix64: every bit of the input changes half of the output. */
function mix(value: bigint): bigint {
  let mixed = BigInt.asUintN(64, value);
  mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n);
  mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn);
  return mixed ^ (mixed >> 31n);
}
