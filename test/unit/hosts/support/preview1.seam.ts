// Seam for a module that exports every function of preview 1 as it imports it, and its memory.
import type { InstanceContext } from "../../../../src/hosts/context.ts";
import { bindPreview1 } from "../../../../src/hosts/preview1.ts";
import { assemble } from "../../../../src/engine/wasm/assemble.ts";

/** Every function with its parameters (`i` is i32, `I` i64), as the specification flattens them. All return an i32 but `proc_exit`. */
export const preview1Signatures: Readonly<Record<string, string>> = {
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
};

function moduleText(names: readonly string[]): string {
  const lines = names.map((name, index) => {
    const params = (preview1Signatures[name] ?? "").split("").map((type) => (type === "i" ? "i32" : "i64"));
    const type = `(param ${params.join(" ")}) ${name === "proc_exit" ? "" : "(result i32)"}`;
    const load = params.map((_, at) => `local.get ${at}`).join(" ");
    return [
      `(import "wasi_snapshot_preview1" "${name}" (func $f${index} ${type}))`,
      `(func (export "${name}") ${type} ${load} call $f${index})`,
    ];
  });
  const part = (at: 0 | 1) => lines.map((line) => line[at]).join("\n");
  return `(module ${part(0)} (memory (export "memory") 2) ${part(1)})`;
}

/** One page of scratch for tests: names go to `textAt`, results to `resultAt`. */
export const textAt = 1024;
export const resultAt = 4096;

/** The functions of preview 1, those that may wait marked so. */
export function linkable({ imports, suspending }: ReturnType<typeof bindPreview1>): Record<string, unknown> {
  const marked = Object.entries(imports).map(([name, run]) => {
    return [name, suspending.has(name) ? new WebAssembly.Suspending(run) : run] as const;
  });
  return Object.fromEntries(marked);
}

/** A started module with preview 1. `call` gives the error number, waiting if the function does. */
export class Preview1Guest implements Disposable {
  readonly suspending: boolean;
  readonly #exports: WebAssembly.Exports;
  readonly #bound: ReturnType<typeof bindPreview1>;

  private constructor(exports: WebAssembly.Exports, bound: ReturnType<typeof bindPreview1>) {
    this.#exports = exports;
    this.#bound = bound;
    this.suspending = bound.suspending.size > 0;
  }

  static async start(
    instance: InstanceContext,
    names: readonly string[] = Object.keys(preview1Signatures),
  ): Promise<Preview1Guest> {
    const module = new WebAssembly.Module(await assemble(moduleText(names), "preview1.wat"));
    const bound = bindPreview1(instance, names);
    const imports = { wasi_snapshot_preview1: linkable(bound) } as unknown as WebAssembly.Imports;
    const { exports } = new WebAssembly.Instance(module, imports);
    bound.attach(exports["memory"] as WebAssembly.Memory);
    return new Preview1Guest(exports, bound);
  }

  call(name: string, ...args: (number | bigint)[]): number {
    return (this.#exports[name] as (...args: (number | bigint)[]) => number)(...args);
  }

  /** Calls a function that may suspend. */
  async wait(name: string, ...args: (number | bigint)[]): Promise<number> {
    return (await WebAssembly.promising(this.#exports[name] as () => unknown)(...args)) as number;
  }

  get view(): DataView {
    return new DataView((this.#exports["memory"] as WebAssembly.Memory).buffer);
  }

  bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.view.buffer, at, length);
  }

  text(at: number, length: number): string {
    return Buffer.from(this.bytes(at, length)).toString();
  }

  /** Puts a text into memory and gives its address and length, as paths are passed. */
  put(text: string, at = textAt): [number, number] {
    const bytes = Buffer.from(text);
    this.bytes(at, bytes.length).set(bytes);
    return [at, bytes.length];
  }

  /** Puts one vector over `length` bytes at `at` and gives the arguments that pass it. */
  vector(at: number, length: number): [number, number] {
    this.view.setUint32(512, at, true);
    this.view.setUint32(516, length, true);
    return [512, 1];
  }

  u32(at = resultAt): number {
    return this.view.getUint32(at, true);
  }

  u64(at = resultAt): bigint {
    return this.view.getBigUint64(at, true);
  }

  [Symbol.dispose](): void {
    this.#bound[Symbol.dispose]();
  }
}
