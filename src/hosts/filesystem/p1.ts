import { wasi } from "@bjorn3/browser_wasi_shim";
import type { InstanceContext } from "../context.ts";
import type { HostFd } from "../io/host-fd.ts";
import { DirectoryFd } from "./directory-fd.ts";
import { openMounts } from "./node.ts";
import { OpenFiles } from "./open-files.ts";

/** The preopened directories of a preview-1 guest. Disposing closes them and every file opened through them. */
export function preopenFds(instance: InstanceContext): { readonly fds: readonly HostFd[] } & Disposable {
  const files = new OpenFiles();
  try {
    const fds = openMounts(instance, files).map(({ guest, node }) => new DirectoryFd(node, wasi.Prestat.dir(guest)));
    return { fds, [Symbol.dispose]: () => files[Symbol.dispose]() };
  } catch (error) {
    files[Symbol.dispose]();
    throw error;
  }
}
