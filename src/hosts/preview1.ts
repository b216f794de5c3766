import type { CoreImport } from "../engine/wasm/program.ts";
import { preview1Clocks } from "./clocks/p1.ts";
import { flushOutput } from "./cli/output.ts";
import { standardFds } from "./cli/p1.ts";
import type { InstanceContext } from "./context.ts";
import { preopenFds } from "./filesystem/p1.ts";
import { type BoundPreview1, bindPreview1With } from "./preview1/bind.ts";
import type { Preview1Parts } from "./preview1/parts.ts";
import { instanceSource } from "./random/random.ts";

export type { BoundPreview1 };

/** The faces for preview 1 of all hosts that have one. */
const parts: Preview1Parts = {
  standardFds,
  flushOutput,
  preopenFds,
  clocks: preview1Clocks,
  randomizer(instance) {
    const source = instanceSource(instance);
    return (bytes) => source.write(bytes);
  },
};

/** Makes preview 1 for one instance of a core module, as far as the module's imports ask for it. */
export function bindPreview1(instance: InstanceContext, imports: readonly CoreImport[]): BoundPreview1 {
  return bindPreview1With(parts, instance, imports);
}
