import type { Preview1Name } from "./signatures.ts";

// Bits of `rights`, in the order of the specification.
const names = [
  "fd_datasync",
  "fd_read",
  "fd_seek",
  "fd_fdstat_set_flags",
  "fd_sync",
  "fd_tell",
  "fd_write",
  "fd_advise",
  "fd_allocate",
  "path_create_directory",
  "path_create_file",
  "path_link_source",
  "path_link_target",
  "path_open",
  "fd_readdir",
  "path_readlink",
  "path_rename_source",
  "path_rename_target",
  "path_filestat_get",
  "path_filestat_set_size",
  "path_filestat_set_times",
  "fd_filestat_get",
  "fd_filestat_set_size",
  "fd_filestat_set_times",
  "path_symlink",
  "path_remove_directory",
  "path_unlink_file",
  "poll_fd_readwrite",
  "sock_shutdown",
  "sock_accept",
] as const;

type RightName = (typeof names)[number];

/** The bit of a right. */
export function right(name: RightName): bigint {
  return 1n << BigInt(names.indexOf(name));
}

/** What a call needs: a right of the descriptor at a position of its arguments. */
export interface Need {
  readonly argument: number;
  readonly right: bigint;
}

const special: Partial<Record<Preview1Name, readonly Need[]>> = {
  fd_pread: [{ argument: 0, right: right("fd_read") | right("fd_seek") }],
  fd_pwrite: [{ argument: 0, right: right("fd_write") | right("fd_seek") }],
  path_link: [
    { argument: 0, right: right("path_link_source") },
    { argument: 4, right: right("path_link_target") },
  ],
  path_rename: [
    { argument: 0, right: right("path_rename_source") },
    { argument: 3, right: right("path_rename_target") },
  ],
  path_symlink: [{ argument: 2, right: right("path_symlink") }],
  sock_recv: [{ argument: 0, right: right("fd_read") }],
  sock_send: [{ argument: 0, right: right("fd_write") }],
};

/** The rights that a function needs of its descriptors; most have one of their own name. */
export function needsOf(name: Preview1Name): readonly Need[] {
  const own = names.find((each) => each === name);
  return special[name] ?? (own === undefined ? [] : [{ argument: 0, right: right(own) }]);
}
