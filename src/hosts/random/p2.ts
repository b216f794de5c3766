import type { InstanceContext } from "../context.ts";
import type { ComponentFace } from "../host.ts";
import { nothingToClose } from "../io/p2.ts";
import { instanceSource, randomBytes, randomU64 } from "./random.ts";

const version = "0.2.8";

/** `wasi:random`, from the instance's source. The insecure interfaces are as good as the secure one. */
export const randomFace: ComponentFace = {
  interfaces: {
    "wasi:random/random": { version, suspending: [] },
    "wasi:random/insecure": { version, suspending: [] },
    "wasi:random/insecure-seed": { version, suspending: [] },
  },
  bind(instance: InstanceContext) {
    const source = instanceSource(instance);
    const bound = nothingToClose({
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
    return { ...bound, isClean: () => instance.randomSeed === undefined };
  },
};
