import type { InstanceContext } from "../../../../src/hosts/context.ts";
import { folder } from "./folder.ts";
import { instance } from "./instance.ts";
import { Preview1Guest, resultAt } from "./preview1.seam.ts";

/** Where tests put bytes that are read or written. */
export const dataAt = 8192;
/** The descriptor of the mount. */
export const mountFd = 3;
export const [readRight, writeRight] = [2n, 64n];

/** A guest with one mount of the given files, and short ways to open, read and write. */
export async function started(
  files: Readonly<Record<string, string>> = {},
  given: Partial<InstanceContext> = {},
  readOnly = false,
) {
  const { path, at } = folder(files);
  const guest = await Preview1Guest.start(instance({ mounts: [{ guest: "/data", path, readOnly }], ...given }));
  const open = (name: string, rights = readRight, oflags = 0, flags = 0): number => {
    const errno = guest.call("path_open", mountFd, 1, ...guest.put(name), oflags, rights, 0n, flags, resultAt);
    return errno === 0 ? guest.u32() : -errno;
  };
  const write = (fd: number, text: string): number => {
    guest.put(text, dataAt);
    return guest.call("fd_write", fd, ...guest.vector(dataAt, Buffer.byteLength(text)), resultAt);
  };
  const read = async (fd: number, length = 100): Promise<string> => {
    const errno = await guest.wait("fd_read", fd, ...guest.vector(dataAt, length), resultAt);
    return errno === 0 ? guest.text(dataAt, guest.u32()) : `errno ${errno}`;
  };
  return { guest, at, open, write, read };
}
