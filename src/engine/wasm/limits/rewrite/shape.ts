import { Cursor } from "./cursor.ts";
import { op, type } from "./opcodes.ts";

/** A section of the binary: `start` is where its id stands, `body` where its contents begin. */
export interface Section {
  readonly id: number;
  readonly start: number;
  readonly body: number;
  readonly end: number;
}

/** A function type: what writing a body needs to know of it. Undefined for types that are no function types. */
export type FunctionShape = {
  readonly params: number;
  readonly results: number;
  readonly at: number;
  readonly end: number;
};

/** The limits of a memory or table. */
export interface Size {
  readonly min: number;
  readonly max: number | undefined;
  readonly shared: boolean;
  readonly wide: boolean;
}

/** A table. `type` says where its element type stands in the binary. */
export interface TableShape extends Size {
  readonly type: { readonly at: number; readonly end: number };
}

/** The index spaces of a module and where its sections are. Imported things come first. */
export interface ModuleShape {
  readonly bytes: Uint8Array;
  readonly sections: readonly Section[];
  readonly types: readonly (FunctionShape | undefined)[];
  /** Entries of the type section: groups of recursive types count once. */
  readonly typeEntries: number;
  /** The type of every function. */
  readonly functions: readonly number[];
  readonly importedFunctions: number;
  readonly tables: readonly TableShape[];
  readonly importedTables: number;
  readonly memories: readonly Size[];
  readonly importedMemories: number;
  readonly globals: number;
  /** Its own mutable globals of numbers. */
  readonly mutableGlobals: readonly number[];
  /** It has state that is in no memory and in none of those: references, vectors, objects, others' globals. */
  readonly hasOtherState: boolean;
  readonly imports: number;
  readonly start: number | undefined;
  /** Functions that others than direct calls may reach: exported, started, or named by an element, a global or a table. */
  readonly outsideFunctions: ReadonlySet<number>;
}

/** What a section holds, by its id. */
export const sectionId = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
} as const;

/** How a global says that it changes. */
const mutable = 1;

/** i32, i64, f32 or f64. */
function isNumeric(valueType: number): boolean {
  return valueType >= 0x7c && valueType <= 0x7f;
}

/** Reads a module that V8 has found valid. */
export function readShape(bytes: Uint8Array): ModuleShape {
  const reader = new ShapeReader(bytes);
  const cursor = new Cursor(bytes);
  cursor.at = 8;
  const sections: Section[] = [];
  while (cursor.at < bytes.length) {
    const start = cursor.at;
    const id = cursor.byte();
    const length = cursor.unsigned();
    const section = { id, start, body: cursor.at, end: cursor.at + length };
    sections.push(section);
    reader.section(section);
    cursor.at = section.end;
  }
  return { ...reader.shape(), bytes, sections };
}

class ShapeReader {
  readonly #cursor: Cursor;
  readonly #types: (FunctionShape | undefined)[] = [];
  readonly #functions: number[] = [];
  readonly #tables: TableShape[] = [];
  readonly #memories: Size[] = [];
  #typeEntries = 0;
  #imports = 0;
  #importedFunctions = 0;
  #importedTables = 0;
  #importedMemories = 0;
  #globals = 0;
  readonly #mutableGlobals: number[] = [];
  #hasOtherState = false;
  #start: number | undefined;
  readonly #outsideFunctions = new Set<number>();

  constructor(bytes: Uint8Array) {
    this.#cursor = new Cursor(bytes);
  }

  shape(): Omit<ModuleShape, "bytes" | "sections"> {
    return {
      types: this.#types,
      typeEntries: this.#typeEntries,
      functions: this.#functions,
      importedFunctions: this.#importedFunctions,
      tables: this.#tables,
      importedTables: this.#importedTables,
      memories: this.#memories,
      importedMemories: this.#importedMemories,
      globals: this.#globals,
      mutableGlobals: this.#mutableGlobals,
      hasOtherState: this.#hasOtherState,
      imports: this.#imports,
      start: this.#start,
      outsideFunctions: this.#outsideFunctions,
    };
  }

  section({ id, body }: Section): void {
    const cursor = this.#cursor;
    cursor.at = body;
    switch (id) {
      case sectionId.type:
        this.#typeEntries = cursor.unsigned();
        for (let count = this.#typeEntries; count > 0; count--) this.#typeGroup();
        return;
      case sectionId.import:
        this.#imports = cursor.unsigned();
        for (let count = this.#imports; count > 0; count--) this.#import();
        this.#importedTables = this.#tables.length;
        this.#importedMemories = this.#memories.length;
        this.#importedFunctions = this.#functions.length;
        return;
      case sectionId.function:
        this.#importedFunctions = this.#functions.length;
        for (let count = cursor.unsigned(); count > 0; count--) this.#functions.push(cursor.unsigned());
        return;
      case sectionId.table:
        for (let count = cursor.unsigned(); count > 0; count--) this.#table();
        return;
      case sectionId.memory:
        for (let count = cursor.unsigned(); count > 0; count--) this.#memories.push(this.#size());
        return;
      case sectionId.global:
        for (let count = cursor.unsigned(); count > 0; count--) this.#global();
        return;
      case sectionId.export:
        for (let count = cursor.unsigned(); count > 0; count--) this.#export();
        return;
      case sectionId.start:
        this.#start = cursor.unsigned();
        this.#outsideFunctions.add(this.#start);
        return;
      case sectionId.element:
        for (let count = cursor.unsigned(); count > 0; count--) this.#elements();
        return;
      default:
    }
  }

  #typeGroup(): void {
    const cursor = this.#cursor;
    if (cursor.peek() !== 0x4e) return this.#subtype();
    cursor.byte();
    for (let count = cursor.unsigned(); count > 0; count--) this.#subtype();
  }

  #subtype(): void {
    const cursor = this.#cursor;
    let form = cursor.byte();
    if (form === 0x50 || form === 0x4f) {
      for (let count = cursor.unsigned(); count > 0; count--) cursor.skipLeb();
      form = cursor.byte();
    }
    if (form === 0x60) this.#types.push(this.#functionType());
    else this.#types.push(this.#heapType(form));
  }

  #functionType(): FunctionShape {
    const cursor = this.#cursor;
    const params = cursor.unsigned();
    for (let count = params; count > 0; count--) cursor.skipValueType();
    const results = cursor.unsigned();
    const at = cursor.at;
    for (let count = results; count > 0; count--) cursor.skipValueType();
    return { params, results, at, end: cursor.at };
  }

  #heapType(form: number): undefined {
    const cursor = this.#cursor;
    this.#hasOtherState = true;
    if (form !== 0x5f && form !== 0x5e) cursor.fail(`the form of type 0x${form.toString(16)} is not known to Weft`);
    for (let fields = form === 0x5f ? cursor.unsigned() : 1; fields > 0; fields--) {
      if (cursor.peek() === 0x78 || cursor.peek() === 0x77) cursor.byte();
      else cursor.skipValueType();
      cursor.byte();
    }
  }

  #import(): void {
    const cursor = this.#cursor;
    cursor.skipName();
    cursor.skipName();
    const kind = cursor.byte();
    switch (kind) {
      case 0:
        this.#functions.push(cursor.unsigned());
        return;
      case 1:
        return this.#tableType();
      case 2:
        this.#memories.push(this.#size());
        return;
      case 3: {
        const isNumber = isNumeric(cursor.peek());
        cursor.skipValueType();
        if (cursor.byte() === mutable || !isNumber) this.#hasOtherState = true;
        this.#globals += 1;
        return;
      }
      case 4:
        cursor.byte();
        cursor.skipLeb();
        return;
      default:
        cursor.fail(`the kind of import ${kind} is not known to Weft`);
    }
  }

  #export(): void {
    const cursor = this.#cursor;
    cursor.skipName();
    const kind = cursor.byte();
    const index = cursor.unsigned();
    if (kind === 0) this.#outsideFunctions.add(index);
  }

  #table(): void {
    const cursor = this.#cursor;
    const hasValue = cursor.peek() === 0x40;
    if (hasValue) cursor.at += 2;
    this.#tableType();
    if (hasValue) this.#constant();
  }

  #global(): void {
    const valueType = this.#cursor.peek();
    this.#cursor.skipValueType();
    const isMutable = this.#cursor.byte() === mutable;
    this.#constant();
    if (isMutable && isNumeric(valueType)) this.#mutableGlobals.push(this.#globals);
    // An immutable reference may be to an object that changes.
    else if (isMutable || !(isNumeric(valueType) || valueType === type.v128)) this.#hasOtherState = true;
    this.#globals += 1;
  }

  /** A segment of elements: its first bit says that it is no active one of table 0, its second has to do with that, its third that it holds expressions. */
  #elements(): void {
    const cursor = this.#cursor;
    const flags = cursor.unsigned();
    if (flags > 7) cursor.fail(`elements of the form ${flags} are not known to Weft`);
    const [isActive, hasTable, hasExpressions] = [(flags & 1) === 0, (flags & 3) === 2, (flags & 4) !== 0];
    if (hasTable) cursor.skipLeb();
    if (isActive) this.#constant();
    if ((flags & 3) !== 0) {
      if (hasExpressions) cursor.skipValueType();
      else cursor.byte();
    }
    for (let count = cursor.unsigned(); count > 0; count--) {
      if (hasExpressions) this.#constant();
      else this.#outsideFunctions.add(cursor.unsigned());
    }
  }

  /** A constant expression, which may name functions. */
  #constant(): void {
    const cursor = this.#cursor;
    for (;;) {
      const opcode = cursor.byte();
      if (opcode === op.end) return;
      if (opcode === op.refFunc) this.#outsideFunctions.add(cursor.unsigned());
      else cursor.skipImmediates(opcode);
    }
  }

  #tableType(): void {
    const cursor = this.#cursor;
    const at = cursor.at;
    cursor.skipValueType();
    const end = cursor.at;
    this.#tables.push({ type: { at, end }, ...this.#size() });
  }

  #size(): Size {
    const cursor = this.#cursor;
    const flags = cursor.byte();
    if (flags > 7) cursor.fail(`the limits 0x${flags.toString(16)} are not known to Weft`);
    const min = cursor.unsigned();
    const max = flags & 1 ? cursor.unsigned() : undefined;
    return { min, max, shared: (flags & 2) !== 0, wide: (flags & 4) !== 0 };
  }
}

/** Writes limits as memories and tables have them. */
export function sizeFlags({ max, shared, wide }: Size): number {
  return (max === undefined ? 0 : 1) | (shared ? 2 : 0) | (wide ? 4 : 0);
}
