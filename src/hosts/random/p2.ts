import type { InstanceContext } from "../context.ts";
import type { ComponentFace } from "../host.ts";
import { nothingToClose } from "../io/p2.ts";
import { cryptoSource, randomBytes, type RandomSource, randomU64 } from "./random.ts";

const version = "0.2.8";

/** `wasi:random`, from a source chosen per instance. The insecure interfaces are as good as the secure one. */
export function randomFace(sourceOf: (instance: InstanceContext) => RandomSource): ComponentFace {
  return {
    interfaces: {
      "wasi:random/random": { version, suspending: [] },
      "wasi:random/insecure": { version, suspending: [] },
      "wasi:random/insecure-seed": { version, suspending: [] },
    },
    bind(instance) {
      const source = sourceOf(instance);
      return nothingToClose({
        "wasi:random/random": {
          getRandomBytes: (length: bigint) => randomBytes(source, length),
          getRandomU64: () => randomU64(source),
        },
        "wasi:random/insecure": {
          getInsecureRandomBytes: (length: bigint) => randomBytes(source, length),
          getInsecureRandomU64: () => randomU64(source),
        },
        "wasi:random/insecure-seed": {
          insecureSeed: (): [bigint, bigint] => [randomU64(source), randomU64(source)],
        },
      });
    },
  };
}

/** Secure numbers for every instance. */
export const secureRandomFace: ComponentFace = randomFace(() => cryptoSource);
