import type { CoreFunctionType, CoreImport } from "../../engine/wasm/program.ts";

/** The module name that programs import preview 1 by. */
export const preview1Module = "wasi_snapshot_preview1";
/** The preview before it, which differs in a few records and numbers (`unstable.ts`). */
export const unstableModule = "wasi_unstable";

/** Every function of preview 1 with its parameters, `i` for i32 and `I` for i64. All give an i32, but `proc_exit` nothing. */
export const signatures = {
  args_get: "ii",
  args_sizes_get: "ii",
  environ_get: "ii",
  environ_sizes_get: "ii",
  clock_res_get: "ii",
  clock_time_get: "iIi",
  fd_advise: "iIIi",
  fd_allocate: "iII",
  fd_close: "i",
  fd_datasync: "i",
  fd_fdstat_get: "ii",
  fd_fdstat_set_flags: "ii",
  fd_fdstat_set_rights: "iII",
  fd_filestat_get: "ii",
  fd_filestat_set_size: "iI",
  fd_filestat_set_times: "iIIi",
  fd_pread: "iiiIi",
  fd_prestat_get: "ii",
  fd_prestat_dir_name: "iii",
  fd_pwrite: "iiiIi",
  fd_read: "iiii",
  fd_readdir: "iiiIi",
  fd_renumber: "ii",
  fd_seek: "iIii",
  fd_sync: "i",
  fd_tell: "ii",
  fd_write: "iiii",
  path_create_directory: "iii",
  path_filestat_get: "iiiii",
  path_filestat_set_times: "iiiiIIi",
  path_link: "iiiiiii",
  path_open: "iiiiiIIii",
  path_readlink: "iiiiii",
  path_remove_directory: "iii",
  path_rename: "iiiiii",
  path_symlink: "iiiii",
  path_unlink_file: "iii",
  poll_oneoff: "iiii",
  proc_exit: "i",
  proc_raise: "i",
  sched_yield: "",
  random_get: "ii",
  sock_accept: "iii",
  sock_recv: "iiiiii",
  sock_send: "iiiii",
  sock_shutdown: "ii",
} as const;

/** The name of a function of preview 1. */
export type Preview1Name = keyof typeof signatures;

/** A function of preview 1 that a module imports. */
export interface Preview1Import {
  readonly name: Preview1Name;
  /** By the names of the preview before, and with its records. */
  readonly unstable: boolean;
}

/**
 * Those of a module's imports that preview 1 has, with the type that it has there. The rest is nobody's: calling it
 * traps, which is better than JavaScript's conversion of numbers that the guest meant otherwise.
 */
export function preview1Imports(imports: readonly CoreImport[]): readonly Preview1Import[] {
  return imports.flatMap(({ module, name, extern }) => {
    const ours = module === preview1Module || module === unstableModule;
    if (!ours || !isPreview1Name(name) || extern.kind !== "function" || !fits(extern.type, name)) return [];
    return [{ name, unstable: module === unstableModule }];
  });
}

function isPreview1Name(name: string): name is Preview1Name {
  return Object.hasOwn(signatures, name);
}

function fits({ params, results }: CoreFunctionType, name: Preview1Name): boolean {
  const text = params.map((type) => (type === "i32" ? "i" : type === "i64" ? "I" : "?")).join("");
  return text === signatures[name] && results.join() === (name === "proc_exit" ? "" : "i32");
}

/** Functions that may wait whatever an instance is given. */
export const alwaysWaiting: ReadonlySet<string> = new Set(["poll_oneoff", "sched_yield"]);
