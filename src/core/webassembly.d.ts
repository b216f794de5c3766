/** The part of the WebAssembly JavaScript API that Weft uses, JSPI included. `@types/node` does not declare it. */
declare namespace WebAssembly {
  type ExportKind = "function" | "global" | "memory" | "table" | "tag";
  type ValueKind = "i32" | "i64" | "f32" | "f64" | "v128" | "externref" | "anyfunc";
  type ImportValue = Memory | Table | Global | Suspending | ((...args: never[]) => unknown) | number | bigint;
  type Imports = Record<string, Record<string, ImportValue>>;
  type ExportValue = Memory | Table | Global | ((...args: unknown[]) => unknown);
  type Exports = Record<string, ExportValue>;

  class Module {
    constructor(bytes: Uint8Array | ArrayBuffer);
    static exports(module: Module): { name: string; kind: ExportKind }[];
    static imports(module: Module): { module: string; name: string; kind: ExportKind }[];
    static customSections(module: Module, name: string): ArrayBuffer[];
  }
  class Instance {
    constructor(module: Module, imports?: Imports);
    readonly exports: Exports;
  }
  class Memory {
    constructor(descriptor: { initial: number; maximum?: number; shared?: boolean });
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  class Table {
    constructor(descriptor: { element: ValueKind; initial: number; maximum?: number });
    readonly length: number;
    get(index: number): unknown;
    set(index: number, value?: unknown): void;
    grow(by: number): number;
  }
  class Global {
    constructor(descriptor: { value: ValueKind; mutable?: boolean }, value?: unknown);
    value: unknown;
  }
  /** Marks an import that may return a promise; the guest suspends until it settles (JSPI). */
  class Suspending {
    constructor(fn: (...args: never[]) => unknown);
  }
  class Exception extends Error {}
  class CompileError extends Error {}
  class LinkError extends Error {}
  class RuntimeError extends Error {}
  class SuspendError extends Error {}
  /** Wraps an export so that it returns a promise and may suspend (JSPI). */
  function promising(fn: (...args: never[]) => unknown): (...args: unknown[]) => Promise<unknown>;
  function validate(bytes: Uint8Array | ArrayBuffer): boolean;
  function compile(bytes: Uint8Array | ArrayBuffer): Promise<Module>;
  function instantiate(module: Module, imports?: Imports): Promise<Instance>;
}
