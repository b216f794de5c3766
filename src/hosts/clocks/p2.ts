import type { InstanceContext } from "../context.ts";
import type { ComponentFace } from "../host.ts";
import { toDatetime } from "../io/datetime.ts";
import { nothingToKeep } from "../io/p2.ts";
import { Pollable } from "../io/pollable.ts";
import { monotonicNs, monotonicResolutionNs, timerAfter, timerAt, wallNs, wallResolutionNs } from "./clocks.ts";

const version = "0.2.8";

/** `wasi:clocks`. Subscribing does not wait; the pollable does. */
export const clocksFace: ComponentFace = {
  interfaces: {
    "wasi:clocks/wall-clock": { version, suspending: [] },
    "wasi:clocks/monotonic-clock": { version, suspending: [] },
  },
  bind: (instance: InstanceContext) =>
    nothingToKeep({
      "wasi:clocks/wall-clock": {
        now: () => toDatetime(wallNs()),
        resolution: () => toDatetime(wallResolutionNs),
      },
      "wasi:clocks/monotonic-clock": {
        now: () => monotonicNs(),
        resolution: () => monotonicResolutionNs,
        subscribeInstant: (when: bigint) => new Pollable(timerAt(when), instance),
        subscribeDuration: (duration: bigint) => new Pollable(timerAfter(duration), instance),
      },
    }),
};
