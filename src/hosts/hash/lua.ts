import { createHash, createHmac } from "node:crypto";
import type { LuaFunction, LuaModule } from "../../engine/lua/module.ts";

const algorithms = ["md5", "sha1", "sha256", "sha512"] as const;
type Algorithm = (typeof algorithms)[number];

const digest =
  (algorithm: Algorithm): LuaFunction<unknown> =>
  (call) => {
    const hash = createHash(algorithm).update(call.bytes(1));
    return call.truthy(2) ? Uint8Array.from(hash.digest()) : hash.digest("hex");
  };

const keyed =
  (algorithm: Algorithm): LuaFunction<unknown> =>
  (call) => {
    const hash = createHmac(algorithm, call.bytes(2)).update(call.bytes(1));
    return call.truthy(3) ? Uint8Array.from(hash.digest()) : hash.digest("hex");
  };

/** FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/). */
function fnv(bytes: Uint8Array, { bits, basis, prime }: { bits: number; basis: bigint; prime: bigint }): bigint {
  let hash = basis;
  for (const byte of bytes) hash = BigInt.asUintN(bits, (hash ^ BigInt(byte)) * prime);
  return hash;
}

/** Digests, as hexadecimal text or raw bytes. */
export const hashModule: LuaModule<unknown> = {
  name: "hash",
  always: false,
  table: {
    ...Object.fromEntries(algorithms.map((algorithm) => [algorithm, digest(algorithm)])),
    ...Object.fromEntries(algorithms.map((algorithm) => [`hmac_${algorithm}`, keyed(algorithm)])),
    fnv32: (call) => Number(fnv(call.bytes(1), { bits: 32, basis: 0x811c9dc5n, prime: 0x01000193n })),
    fnv64: (call) => fnv(call.bytes(1), { bits: 64, basis: 0xcbf29ce484222325n, prime: 0x100000001b3n }),
  },
};
