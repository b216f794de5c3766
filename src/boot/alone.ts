import { Cancellation, canceled } from "../core/cancellation.ts";
import { rootContext } from "../core/context.ts";
import { WeftError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Value } from "../core/values.ts";
import type { Placement } from "../registry/placement.ts";
import { ControlPlane } from "../runtime/control/control.ts";
import { StdinReader } from "./stdin.ts";

/** The host of a program that runs without an app. */
const host = "weft:terminal";

export interface AloneOptions {
  readonly log: Log;
  /** Ends the program at once. */
  readonly signal: AbortSignal;
}

/**
 * Runs one program without an app around it, on the real terminal and in a thread of its own, and gives its result.
 * @throws WeftError what the program failed with, `GUEST_EXIT` included.
 */
export async function runAlone(placement: Placement, args: readonly Value[], options: AloneOptions): Promise<Value> {
  using stdin = new StdinReader();
  await using control = await ControlPlane.start({
    isolates: 1,
    log: options.log,
    registry: {
      get: (id) => Promise.reject(new WeftError("ENTRY_NOT_FOUND", `there is no entry ${id}: no app is running`)),
      find: async () => [],
    },
    readStdin: (limit) => stdin.read(limit),
  });
  control.place(placement);
  control.processes.hosts.add(host, { type: "terminal", maxProcesses: 1 });
  const cancellation = new Cancellation();
  options.signal.addEventListener("abort", () => cancellation.cancel(canceled("process terminated")), { once: true });
  const context = rootContext({ cancellation });
  return await control.processes.exec({ id: placement.id, host, args, context, monitor: false });
}
