import type { InstanceContext } from "./context.ts";

/** Functions that only tell something: after a call of theirs, hosts know of an instance what they knew before. */
const telling: Readonly<Record<string, readonly string[]>> = {
  "wasi:clocks/monotonic-clock": ["now", "resolution"],
  "wasi:clocks/wall-clock": ["now", "resolution"],
  "wasi:cli/environment": ["get-environment", "get-arguments", "initial-cwd"],
  wasi_snapshot_preview1: [
    "args_get",
    "args_sizes_get",
    "environ_get",
    "environ_sizes_get",
    "clock_res_get",
    "clock_time_get",
  ],
};

/** The same, unless the numbers begin somewhere: then each call goes on from the one before. */
const drawing: Readonly<Record<string, readonly string[]>> = {
  "wasi:random/random": ["get-random-bytes", "get-random-u64"],
  "wasi:random/insecure": ["get-insecure-random-bytes", "get-insecure-random-u64"],
  "wasi:random/insecure-seed": ["insecure-seed"],
  wasi_snapshot_preview1: ["random_get"],
};

/**
 * Whether a call of this function leaves nothing behind in the hosts of an instance, so that the next call may have the
 * same ones. `module` is an interface without its version, or the module of a core import.
 */
export function keepsNothing(
  { randomSeed }: Pick<InstanceContext, "randomSeed">,
  module: string,
  name: string,
): boolean {
  if (telling[module]?.includes(name) === true) return true;
  return randomSeed === undefined && drawing[module]?.includes(name) === true;
}
