import { functionAt, readExtern, readMemoryType, readTypeSection, type CoreType } from "../binary/core-types.ts";
import { InvalidModuleError } from "../binary/invalid-module.ts";
import { readPreamble } from "../binary/preamble.ts";
import { ByteReader } from "../binary/reader.ts";
import type { CoreFunctionType, CoreImport, CoreLimits } from "../program.ts";

/** One export of a core module; functions with their types. */
export interface CoreExport {
  readonly name: string;
  readonly kind: WebAssembly.ExportKind;
  readonly index: number;
  readonly type: CoreFunctionType | undefined;
}

/** What a core module says about itself. */
export interface CoreInfo {
  readonly imports: readonly CoreImport[];
  readonly exports: readonly CoreExport[];
  /** All memories, imported ones first. Sizes are in pages. */
  readonly memories: readonly CoreLimits[];
  /** Index of the function that runs at instantiation. */
  readonly start: number | undefined;
  /** Names of the custom sections, in order. */
  readonly customSections: readonly string[];
  readonly hasNames: boolean;
  /** Nothing in it can change or be seen from outside: no memory, table, global, element, import or start function. */
  readonly stateless: boolean;
}

const exportKinds = ["function", "table", "memory", "global", "tag"] as const;

/**
 * Reads a core module without compiling it. Only what the answer needs is checked; V8 validates the rest.
 * @throws InvalidModuleError when it is no core module or malformed.
 */
export function inspectCore(bytes: Uint8Array): CoreInfo {
  const { version, layer } = readPreamble(bytes);
  if (layer !== 0) throw new InvalidModuleError("a component where a core module was expected", 4);
  if (version !== 1) throw new InvalidModuleError(`unknown version ${version} of core WebAssembly`, 4);
  const reader = new ByteReader(bytes, 8);
  const module = new ModuleReader();
  while (reader.left > 0) {
    const id = reader.byte();
    module.section(id, reader.slice(reader.u32()));
  }
  return module.info();
}

/** The sections read so far. Types come before functions and imports, these before exports. */
class ModuleReader {
  #types: CoreType[] = [];
  readonly #functions: CoreFunctionType[] = [];
  readonly #imports: CoreImport[] = [];
  readonly #memories: CoreLimits[] = [];
  readonly #customSections: string[] = [];
  #exports: CoreExport[] = [];
  #start: number | undefined;
  #hasState = false;

  section(id: number, reader: ByteReader): void {
    switch (id) {
      case 0:
        this.#customSections.push(reader.name());
        return;
      case 1:
        this.#types = readTypeSection(reader);
        return;
      case 2:
        reader.vector(() => this.#import(reader));
        return;
      case 3:
        reader.vector(() => this.#functions.push(functionAt(reader, this.#types, reader.u32())));
        return;
      case 5:
        this.#memories.push(...reader.vector(() => readMemoryType(reader)));
        return;
      case 7:
        this.#exports = reader.vector(() => this.#export(reader));
        return;
      case 8:
        this.#start = reader.u32();
        return;
      case 4:
      case 6:
      case 9:
        // What tables, globals and elements hold is nobody's business, only that there are some.
        this.#hasState = true;
        return;
      default:
        // Code and data say nothing that a caller needs.
        if (id > 13) reader.fail(`unknown section ${id}`);
    }
  }

  #import(reader: ByteReader): void {
    const module = reader.name();
    const name = reader.name();
    const extern = readExtern(reader, this.#types);
    if (extern.kind === "function") this.#functions.push(extern.type);
    if (extern.kind === "memory") this.#memories.push(extern.limits);
    this.#imports.push({ module, name, extern });
  }

  #export(reader: ByteReader): CoreExport {
    const name = reader.name();
    const code = reader.byte();
    const kind = exportKinds[code] ?? reader.fail(`unknown kind of export ${code}`);
    const index = reader.u32();
    if (kind !== "function") return { name, kind, index, type: undefined };
    const type =
      this.#functions[index] ?? reader.fail(`export "${name}" names function ${index}, which does not exist`);
    return { name, kind, index, type };
  }

  info(): CoreInfo {
    return {
      imports: this.#imports,
      exports: this.#exports,
      memories: this.#memories,
      start: this.#start,
      customSections: this.#customSections,
      hasNames: this.#customSections.includes("name"),
      stateless: !this.#hasState && this.#memories.length + this.#imports.length === 0 && this.#start === undefined,
    };
  }
}
