// Seam for a module that exports every function of preview 1 as it imports it, and its memory.
import type { InstanceContext } from "../../../../src/hosts/context.ts";
import { bindPreview1 } from "../../../../src/hosts/preview1.ts";
import { signatures } from "../../../../src/hosts/preview1/signatures.ts";
import { assemble } from "../../../../src/engine/wasm/assemble.ts";
import { inspectCore } from "../../../../src/engine/wasm/inspect/core.ts";

/** Every function with its parameters (`i` is i32, `I` i64). All return an i32 but `proc_exit`. */
export const preview1Signatures: Readonly<Record<string, string>> = signatures;

function moduleText(names: readonly string[], module: string): string {
  const lines = names.map((name, index) => {
    const params = (preview1Signatures[name] ?? "").split("").map((type) => (type === "i" ? "i32" : "i64"));
    const type = `(param ${params.join(" ")}) ${name === "proc_exit" ? "" : "(result i32)"}`;
    const load = params.map((_, at) => `local.get ${at}`).join(" ");
    return [
      `(import "${module}" "${name}" (func $f${index} ${type}))`,
      `(func (export "${name}") ${type} ${load} call $f${index})`,
    ];
  });
  const part = (at: 0 | 1) => lines.map((line) => line[at]).join("\n");
  return `(module ${part(0)} (memory (export "memory") 2) ${part(1)})`;
}

/** One page of scratch for tests: names go to `textAt`, results to `resultAt`. */
export const textAt = 1024;
export const resultAt = 4096;

/** The functions of preview 1 by module, those that may wait marked so. */
export function linkable({ imports, suspending }: ReturnType<typeof bindPreview1>): WebAssembly.Imports {
  const modules = Object.entries(imports).map(([module, functions]) => {
    const marked = Object.entries(functions).map(([name, run]) => {
      return [name, suspending.has(name) ? new WebAssembly.Suspending(run) : run] as const;
    });
    return [module, Object.fromEntries(marked)] as const;
  });
  return Object.fromEntries(modules);
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
    from = "wasi_snapshot_preview1",
  ): Promise<Preview1Guest> {
    const bytes = await assemble(moduleText(names, from), "preview1.wat");
    const bound = bindPreview1(instance, inspectCore(bytes).imports);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), linkable(bound));
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
