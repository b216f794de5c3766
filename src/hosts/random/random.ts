import { WeftError } from "../../core/errors.ts";

/** One request never allocates more than this; a guest that needs more asks again. */
export const requestBytes = 1 << 20;
/** `crypto.getRandomValues` refuses more at once (https://www.w3.org/TR/webcrypto-2/#Crypto-method-getRandomValues). */
const cryptoChunkBytes = 65_536;

/** Where random numbers come from. */
export interface RandomSource {
  /** Overwrites the bytes with random ones. */
  write(bytes: Uint8Array<ArrayBuffer>): void;
}

/** The system's secure random numbers. */
export const cryptoSource: RandomSource = {
  write(bytes) {
    for (let at = 0; at < bytes.length; at += cryptoChunkBytes) {
      crypto.getRandomValues(bytes.subarray(at, at + cryptoChunkBytes));
    }
  },
};

/** The same numbers for the same seed, for reproducible runs (SplitMix64). Not secure. */
export function seededSource(seed: bigint): RandomSource {
  let state = BigInt.asUintN(64, seed);
  const next = (): bigint => {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n);
    let mixed = BigInt.asUintN(64, (state ^ (state >> 30n)) * 0xbf58476d1ce4e5b9n);
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn);
    return mixed ^ (mixed >> 31n);
  };
  return {
    write(bytes) {
      const word = new DataView(new ArrayBuffer(8));
      for (let at = 0; at < bytes.length; at += 8) {
        word.setBigUint64(0, next(), true);
        bytes.set(new Uint8Array(word.buffer, 0, Math.min(8, bytes.length - at)), at);
      }
    },
  };
}

/** What an instance draws from: the same for each instance of an entry with a seed, secure without. */
export function instanceSource({ randomSeed }: { readonly randomSeed?: bigint | undefined }): RandomSource {
  return randomSeed === undefined ? cryptoSource : seededSource(randomSeed);
}

/**
 * As many random bytes as a guest asked for.
 * @throws WeftError a trap, when it asked for more than a request may give.
 */
export function randomBytes(source: RandomSource, length: bigint): Uint8Array<ArrayBuffer> {
  if (length > BigInt(requestBytes)) {
    throw new WeftError(
      "TRAP_INVALID_VALUE",
      `asked for ${length} random bytes; one request gives at most ${requestBytes}`,
    );
  }
  const bytes = new Uint8Array(Number(length));
  source.write(bytes);
  return bytes;
}

/** A random unsigned 64-bit number. */
export function randomU64(source: RandomSource): bigint {
  const bytes = randomBytes(source, 8n);
  return new DataView(bytes.buffer).getBigUint64(0, true);
}
