import { InvalidModuleError } from "../../binary/invalid-module.ts";
import { readPreamble } from "../../binary/preamble.ts";
import { ByteReader } from "../../binary/reader.ts";
import { readMemoryLimits } from "./limits.ts";
import { CoreTypeSpace, type CoreEntity, type CoreFunction, type CoreTypeIds } from "./types.ts";

/** One import of a core module's type. */
export interface CoreImportType {
  readonly module: string;
  readonly name: string;
  readonly entity: CoreEntity;
}

/** The type of a core module. */
export interface ModuleType {
  readonly imports: readonly CoreImportType[];
  readonly exports: ReadonlyMap<string, CoreEntity>;
}

/** Collects imports and exports, whose names may occur only once. */
export class ModuleTypeBuilder {
  readonly imports: CoreImportType[] = [];
  readonly exports = new Map<string, CoreEntity>();
  readonly #names = new Map<string, Set<string>>();

  import(module: string, name: string, entity: CoreEntity, at: number): void {
    const names = this.#names.get(module) ?? new Set();
    if (names.has(name)) throw new InvalidModuleError(`a core module imports "${name}" of "${module}" twice`, at);
    this.#names.set(module, names.add(name));
    this.imports.push({ module, name, entity });
  }

  export(name: string, entity: CoreEntity, at: number): void {
    if (this.exports.has(name)) throw new InvalidModuleError(`a core module exports "${name}" twice`, at);
    this.exports.set(name, entity);
  }
}

/** Reads the type of a core module that lies in a component. V8 checks all the rest of it. */
export function readModule(
  bytes: Uint8Array,
  { start, end }: { start: number; end: number },
  ids: CoreTypeIds,
): ModuleType {
  const { version, layer } = readPreamble(bytes.subarray(start, end));
  if (layer !== 0 || version !== 1) throw new InvalidModuleError("a core module that is none", start);
  const reader = new ByteReader(bytes, start + 8, end);
  const module = new ModuleReader(ids);
  while (reader.left > 0) {
    const id = reader.byte();
    module.section(id, reader.slice(reader.u32()));
  }
  return module.type;
}

class ModuleReader {
  readonly type = new ModuleTypeBuilder();
  readonly #types: CoreTypeSpace;
  readonly #functions: CoreFunction[] = [];
  readonly #spaces = {
    table: new Array<CoreEntity>(),
    memory: new Array<CoreEntity>(),
    global: new Array<CoreEntity>(),
    tag: new Array<CoreEntity>(),
  };

  constructor(ids: CoreTypeIds) {
    this.#types = new CoreTypeSpace(ids);
  }

  section(id: number, reader: ByteReader): void {
    const { table, memory, global, tag } = this.#spaces;
    switch (id) {
      case 1:
        reader.vector(() => this.#types.readGroup(reader));
        return;
      case 2:
        reader.vector(() => this.#import(reader));
        return;
      case 3:
        reader.vector(() => this.#functions.push(this.#types.functionAt(reader, reader.u32())));
        return;
      case 4:
        reader.vector(() => table.push(this.#table(reader)));
        return;
      case 5:
        reader.vector(() => memory.push({ kind: "memory", limits: readMemoryLimits(reader) }));
        return;
      case 6:
        reader.vector(() => {
          global.push(this.#types.global(reader));
          skipConstant(reader);
        });
        return;
      case 7:
        reader.vector(() => this.#export(reader));
        return;
      case 13:
        reader.vector(() => tag.push(this.#types.tag(reader)));
        return;
      default:
      // Nothing else is part of a module's type.
    }
  }

  #table(reader: ByteReader): CoreEntity {
    if (reader.peek() !== 0x40) return this.#types.table(reader);
    reader.skip(2);
    const table = this.#types.table(reader);
    skipConstant(reader);
    return table;
  }

  #import(reader: ByteReader): void {
    const { at } = reader;
    const module = reader.name();
    const name = reader.name();
    const entity = this.#types.entity(reader);
    this.type.import(module, name, entity, at);
    if (entity.kind === "function") this.#functions.push(entity.type);
    else this.#spaces[entity.kind].push(entity);
  }

  #export(reader: ByteReader): void {
    const { at } = reader;
    const name = reader.name();
    const sort = (["function", "table", "memory", "global", "tag"] as const)[reader.byte()];
    if (sort === undefined) return reader.fail("unknown kind of export");
    const index = reader.u32();
    this.type.export(name, this.#entity(sort, index) ?? reader.fail(`core ${sort} ${index} does not exist`), at);
  }

  #entity(sort: CoreEntity["kind"], index: number): CoreEntity | undefined {
    if (sort !== "function") return this.#spaces[sort][index];
    const type = this.#functions[index];
    return type && { kind: "function", type };
  }
}

/** Operands of the instructions that constant expressions may have. */
const operands: Readonly<Record<number, (reader: ByteReader) => unknown>> = {
  0x23: (reader) => reader.u32(),
  0x41: (reader) => reader.u64(),
  0x42: (reader) => reader.u64(),
  0x43: (reader) => reader.skip(4),
  0x44: (reader) => reader.skip(8),
  0x6a: () => undefined,
  0x6b: () => undefined,
  0x6c: () => undefined,
  0x7c: () => undefined,
  0x7d: () => undefined,
  0x7e: () => undefined,
  0xd0: (reader) => reader.s33(),
  0xd2: (reader) => reader.u32(),
  0xfb: skipGarbageCollected,
  0xfd: (reader) => {
    reader.u32();
    reader.skip(16);
  },
};

/** Instructions on structures and arrays, by how many indices they have. */
function skipGarbageCollected(reader: ByteReader): void {
  const code = reader.u32();
  if (code <= 8) reader.u32();
  if (code === 8) reader.u32();
}

function skipConstant(reader: ByteReader): void {
  for (let code = reader.byte(); code !== 0x0b; code = reader.byte()) {
    const skip = operands[code] ?? reader.fail(`instruction 0x${code.toString(16)} in a constant expression`);
    skip(reader);
  }
}
