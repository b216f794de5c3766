import { wasi } from "@bjorn3/browser_wasi_shim";
import { FsError } from "./system-errors.ts";

/** The record `filestat` of preview 1, written where the specification has its fields (the shim's timestamps are off). */
export class HostFilestat extends wasi.Filestat {
  override write_bytes(view: DataView, at: number): void {
    view.setBigUint64(at, this.dev, true);
    view.setBigUint64(at + 8, this.ino, true);
    view.setUint8(at + 16, this.filetype);
    view.setBigUint64(at + 24, this.nlink, true);
    view.setBigUint64(at + 32, this.size, true);
    view.setBigUint64(at + 40, this.atim, true);
    view.setBigUint64(at + 48, this.mtim, true);
    view.setBigUint64(at + 56, this.ctim, true);
  }
}

/** All thirty rights, the last of them `sock_accept`. */
export const everyRight = 2n ** 30n - 1n;

/** The record `fdstat`, with every right but those named. */
export function fdstat(type: number, flags: number, withoutRights = 0n): wasi.Fdstat {
  const stat = new wasi.Fdstat(type, flags);
  stat.fs_rights_base = everyRight & ~withoutRights;
  stat.fs_rights_inherited = everyRight;
  return stat;
}

/**
 * What `lookupflags` say, of which there is one: follow a link at the end of the path.
 * @throws FsError `invalid` for others.
 */
export function followsLinks(lookup: number): boolean {
  if (lookup > 1) throw new FsError("invalid");
  return lookup === 1;
}
