import { cardPages } from "../cards.ts";
import type { ModulePlan } from "../plan.ts";
import { hookSlots, type Additions } from "./additions.ts";
import { Cursor } from "./cursor.ts";
import { type } from "./opcodes.ts";
import { sectionId, sizeFlags, type ModuleShape, type Section, type Size } from "./shape.ts";
import { Sink } from "./sink.ts";

/** A module that was read, and what is to become of it. */
export interface Rewritten {
  readonly shape: ModuleShape;
  readonly additions: Additions;
  readonly plan: ModulePlan;
  /** Contents of the code section, without its count and without what is added. */
  readonly bodies: Uint8Array;
  /** Elements that a table may have. */
  readonly tableElements: number;
}

/** Sections in the order that V8 wants: 13 are tags, 9 elements, 12 the count of data, 11 data. */
const sectionOrder = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11] as const;

/** Custom sections that name places in code, which have moved. */
const placed = /^(?:metadata\.code\.|\.debug_|sourceMappingURL$|external_debug_info$)/;

/** Writes the module with what is added to it. */
export function writeModule(rewritten: Rewritten): Uint8Array<ArrayBuffer> {
  return new ModuleWriter(rewritten).write();
}

class ModuleWriter {
  readonly #rewritten: Rewritten;
  readonly #sink: Sink;
  /** Sections of `sectionOrder` that are written. */
  #done = 0;

  constructor(rewritten: Rewritten) {
    const { bytes } = rewritten.shape;
    this.#rewritten = rewritten;
    this.#sink = new Sink(bytes.length + rewritten.bodies.length / 8 + 1024);
  }

  write(): Uint8Array<ArrayBuffer> {
    const { sections, bytes } = this.#rewritten.shape;
    this.#sink.copy(bytes, 0, 8);
    for (const section of sections) {
      if (section.id === sectionId.custom) this.#custom(section);
      else this.#writeUpTo(section.id);
    }
    this.#writeUpTo(undefined);
    return this.#sink.take();
  }

  /** Writes a section and those before it that only the additions have; all that are left when there is no more. */
  #writeUpTo(id: number | undefined): void {
    while (this.#done < sectionOrder.length) {
      const next = sectionOrder[this.#done++];
      if (next !== undefined) this.#section(next);
      if (next === id) return;
    }
  }

  #custom(section: Section): void {
    const { bytes } = this.#rewritten.shape;
    const cursor = new Cursor(bytes);
    cursor.at = section.body;
    const length = cursor.unsigned();
    const name = Buffer.from(bytes.buffer, bytes.byteOffset + cursor.at, length).toString("latin1");
    if (placed.test(name)) return;
    // Names come last by convention, after the sections that they name.
    if (name === "name") this.#writeUpTo(undefined);
    this.#sink.copy(bytes, section.start, section.end);
  }

  #section(id: number): void {
    const { additions, plan } = this.#rewritten;
    switch (id) {
      case sectionId.type:
        return this.#appended(id, additions.types.length, () =>
          additions.types.forEach((item) => this.#sink.raw(item)),
        );
      case sectionId.import:
        return this.#imports();
      case sectionId.function:
        return this.#appended(id, additions.functions.length, () => {
          for (const item of additions.functions) this.#sink.unsigned(item.type);
        });
      case sectionId.table:
        return this.#tables();
      case sectionId.memory:
        if (plan.memories.some(({ home }) => home === "own")) this.#ownMemories();
        return;
      case sectionId.global:
        return this.#appended(id, additions.globals.length, () => {
          for (const item of additions.globals) this.#sink.raw(item);
        });
      case sectionId.export:
        return this.#exports();
      case sectionId.start:
        // Called from outside, when the counters are set.
        return;
      case sectionId.code:
        return this.#code();
      default:
        this.#appended(id, 0, () => undefined);
    }
  }

  #find(id: number): Section | undefined {
    return this.#rewritten.shape.sections.find((section) => section.id === id);
  }

  /** A section with items appended to it; the section as it is when there are none. */
  #appended(id: number, count: number, append: () => void): void {
    const { bytes } = this.#rewritten.shape;
    const section = this.#find(id);
    if (count === 0) {
      if (section !== undefined) this.#sink.copy(bytes, section.start, section.end);
      return;
    }
    this.#sink.section(id, () => {
      const cursor = new Cursor(bytes);
      cursor.at = section?.body ?? 0;
      this.#sink.unsigned((section === undefined ? 0 : cursor.unsigned()) + count);
      if (section !== undefined) this.#sink.copy(bytes, cursor.at, section.end);
      append();
    });
  }

  #size(size: Size): void {
    const sink = this.#sink;
    sink.byte(sizeFlags(size));
    sink.unsigned(size.min);
    if (size.max !== undefined) sink.unsigned(size.max);
  }

  #imports(): void {
    const { prefix, memories, marks } = this.#rewritten.plan;
    const added = [...memories.entries()].filter(([, { home }]) => home === "added");
    this.#appended(sectionId.import, added.length + (marks ? 1 : 0), () => {
      for (const [index, memory] of added) {
        this.#sink.name(prefix);
        this.#sink.name(`memory${index}`);
        this.#sink.byte(2);
        this.#size(memory);
      }
      if (!marks) return;
      this.#sink.name(prefix);
      this.#sink.name("cards");
      this.#sink.byte(2);
      this.#size({ min: cardPages, max: cardPages, shared: false, wide: false });
    });
  }

  #ownMemories(): void {
    const own = this.#rewritten.plan.memories.filter(({ home }) => home === "own");
    this.#sink.section(sectionId.memory, () => {
      this.#sink.unsigned(own.length);
      for (const memory of own) this.#size(memory);
    });
  }

  /** All tables with their caps, then the table of hooks. */
  #tables(): void {
    const { shape, additions, tableElements } = this.#rewritten;
    const section = this.#find(sectionId.table);
    const count = shape.tables.length - shape.importedTables;
    const added = additions.hasHooks ? 1 : 0;
    const hooks = Object.keys(hookSlots).length;
    if (count + added === 0) return;
    this.#sink.section(sectionId.table, () => {
      this.#sink.unsigned(count + added);
      if (section !== undefined) this.#cappedTables(section, tableElements);
      if (additions.hasHooks) this.#sink.bytes(type.funcref, 1, hooks, hooks);
    });
  }

  #cappedTables(section: Section, most: number): void {
    const { shape } = this.#rewritten;
    const cursor = new Cursor(shape.bytes);
    cursor.at = section.body;
    for (let left = cursor.unsigned(); left > 0; left--) {
      let from = cursor.at;
      const hasValue = cursor.peek() === 0x40;
      if (hasValue) cursor.at += 2;
      cursor.skipValueType();
      this.#sink.copy(shape.bytes, from, cursor.at);
      const table = shape.tables[shape.tables.length - left];
      if (table === undefined) throw new Error("a table of a valid module was not read");
      this.#size({ ...table, max: Math.max(table.min, Math.min(table.max ?? most, most)) });
      cursor.at += 1;
      cursor.skipLeb();
      if (table.max !== undefined) cursor.skipLeb();
      from = cursor.at;
      if (hasValue) cursor.skipConstantExpression();
      this.#sink.copy(shape.bytes, from, cursor.at);
    }
  }

  #exports(): void {
    const { exports } = this.#rewritten.additions;
    this.#appended(sectionId.export, exports.length, () => {
      for (const { name, kind, index } of exports) {
        this.#sink.name(name);
        this.#sink.byte(kind);
        this.#sink.unsigned(index);
      }
    });
  }

  #code(): void {
    const { shape, additions, bodies } = this.#rewritten;
    const count = shape.functions.length - shape.importedFunctions + additions.functions.length;
    if (count === 0) return this.#appended(sectionId.code, 0, () => undefined);
    this.#sink.section(sectionId.code, () => {
      this.#sink.unsigned(count);
      this.#sink.raw(bodies);
      additions.writeFunctions(this.#sink);
    });
  }
}
