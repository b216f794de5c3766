import { WeftError } from "../../src/core/errors.ts";
import { silentLog, type Log } from "../../src/core/log.ts";
import { ControlPlane } from "../../src/runtime/control/control.ts";

/** A control plane of a test: without a registry, and with nothing on its standard input. */
export async function startControl(isolates: number, log: Log = silentLog): Promise<ControlPlane> {
  return await ControlPlane.start({
    isolates,
    log,
    registry: {
      get: (id) => Promise.reject(new WeftError("ENTRY_NOT_FOUND", id)),
      find: () => Promise.resolve([]),
    },
    readStdin: () => Promise.resolve(undefined),
  });
}
