import { wasi } from "@bjorn3/browser_wasi_shim";
import { FsError } from "../io/system-errors.ts";
import type { Guest } from "./guest.ts";
import { poll, unstableLayout } from "./poll.ts";
import type { Preview1Function } from "./shim.seam.ts";

/** Size of the record `filestat`, whose number of links has 32 bits. */
const filestatBytes = 56;
/** Numbers of `whence` here (cur, end, set) as those of preview 1. */
const whences = [wasi.WHENCE_CUR, wasi.WHENCE_END, wasi.WHENCE_SET] as const;

/** The functions of `wasi_unstable`, the preview before preview 1, whose numbers or records are others. */
export function unstableFunctions(guest: Guest): Readonly<Record<string, Preview1Function>> {
  const write = (stat: wasi.Filestat | null, at: number): void => {
    if (stat === null) return;
    guest.bytes(at, filestatBytes).fill(0);
    const view = guest.view();
    view.setBigUint64(at, stat.dev, true);
    view.setBigUint64(at + 8, stat.ino, true);
    view.setUint8(at + 16, stat.filetype);
    view.setUint32(at + 20, Number(stat.nlink), true);
    for (const [index, value] of [stat.size, stat.atim, stat.mtim, stat.ctim].entries()) {
      view.setBigUint64(at + 24 + index * 8, value, true);
    }
  };
  return {
    fd_seek(number: number, offset: bigint, whence: number, result: number) {
      const fd = guest.fd(number);
      guest.bytes(result, 8);
      const known = whences[whence];
      if (known === undefined) throw new FsError("invalid");
      const { ret, offset: position } = fd.fd_seek(offset, known);
      if (ret === wasi.ERRNO_SUCCESS) guest.view().setBigUint64(result, position, true);
      return ret;
    },
    fd_filestat_get(number: number, result: number) {
      const { ret, filestat } = guest.fd(number).fd_filestat_get();
      write(filestat, result);
      return ret;
    },
    path_filestat_get(number: number, flags: number, at: number, length: number, result: number) {
      const fd = guest.fd(number);
      guest.bytes(result, filestatBytes);
      const { ret, filestat } = fd.path_filestat_get(flags, guest.text(at, length));
      write(filestat, result);
      return ret;
    },
    poll_oneoff: (at: number, eventsAt: number, count: number, result: number) =>
      poll(guest, { at, eventsAt, count, result, layout: unstableLayout }),
  };
}
