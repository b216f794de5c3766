import { InvalidModuleError } from "../../binary/invalid-module.ts";
import { readPreamble } from "../../binary/preamble.ts";
import { ByteReader } from "../../binary/reader.ts";
import { readCanon } from "./read-canon.ts";
import { TypeReader } from "./read-types.ts";
import type { ComponentTree, Item } from "./tree.ts";

/** The version of the component binary format, unchanged since 2023. */
const componentVersion = 0x0d;
/** Components nested in each other. */
const nesting = 32;

/**
 * Reads a component's binary into its definitions, nested components included. Core modules are left as places.
 * @throws InvalidModuleError
 */
export function readComponent(bytes: Uint8Array): ComponentTree {
  const { version, layer } = readPreamble(bytes);
  if (layer !== 1) throw new InvalidModuleError("a core module where a component was expected", 4);
  if (version !== componentVersion)
    throw new InvalidModuleError(`unknown version ${version} of the component format`, 4);
  const reader = new ComponentReader();
  const items = reader.items(new ByteReader(bytes, 8), 0);
  return { items, unsupported: [...reader.unsupported] };
}

class ComponentReader {
  readonly unsupported = new Set<string>();
  readonly #types = new TypeReader((feature) => this.unsupported.add(feature));

  items(reader: ByteReader, depth: number): Item[] {
    if (depth > nesting) reader.fail(`components nested more than ${nesting} deep`);
    const items: Item[] = [];
    while (reader.left > 0) {
      const id = reader.byte();
      const section = reader.slice(reader.u32());
      this.#section(id, section, items, depth);
    }
    return items;
  }

  #section(id: number, reader: ByteReader, items: Item[], depth: number): void {
    const { at } = reader;
    if (id > 12) reader.fail(`unknown section ${id}`);
    if (id === 12) {
      this.unsupported.add("values that are written out");
      return;
    }
    if (id === 0) {
      reader.name();
      return;
    }
    if (id === 1) {
      items.push({ at, kind: "core module", start: at, end: at + reader.left });
      return;
    }
    if (id === 4) {
      items.push({ at, kind: "component", items: this.#nested(reader, depth) });
      return;
    }
    if (id === 9) items.push(this.#start(reader));
    else items.push(...reader.vector(() => this.#definition(id, reader)));
    reader.expectEnd("a section");
  }

  #nested(reader: ByteReader, depth: number): Item[] {
    const start = reader.at;
    const { version, layer } = readPreamble(reader.rest());
    if (layer !== 1 || version !== componentVersion)
      throw new InvalidModuleError("a nested component that is none", start);
    reader.skip(8);
    return this.items(reader, depth + 1);
  }

  #start(reader: ByteReader): Item {
    const { at } = reader;
    const index = reader.u32();
    const args = reader.vector(() => reader.u32());
    return { at, kind: "start", function: index, args, results: reader.u32() };
  }

  #definition(id: number, reader: ByteReader): Item {
    const { at } = reader;
    const types = this.#types;
    switch (id) {
      case 2:
        return this.#coreInstance(reader);
      case 3:
        return types.coreType(reader);
      case 5:
        return this.#instance(reader);
      case 6:
        return { at, kind: "alias", alias: types.alias(reader) };
      case 7:
        return { at, kind: "type", type: types.definition(reader) };
      case 8: {
        const canon = readCanon(reader, () => types.use(reader));
        if (canon.kind === "builtin") this.unsupported.add(canon.name);
        if ("options" in canon && canon.options.isAsync) this.unsupported.add(`async ${canon.kind}`);
        return { at, kind: "canon", canon };
      }
      case 10:
        return { at, kind: "import", name: types.externName(reader), extern: types.extern(reader) };
      case 11: {
        const name = types.externName(reader);
        const from = { sort: types.anySort(reader), index: reader.u32() };
        return { at, kind: "export", name, from, extern: reader.optional(() => types.extern(reader)) };
      }
      default:
        return reader.fail(`unknown section ${id}`);
    }
  }

  #coreInstance(reader: ByteReader): Item {
    const { at } = reader;
    if (isBundle(reader)) {
      const exports = reader.vector(() => ({
        name: reader.name(),
        sort: this.#types.coreSort(reader),
        index: reader.u32(),
      }));
      return { at, kind: "core exports", exports };
    }
    const module = reader.u32();
    const args = reader.vector(() => {
      const name = reader.name();
      const sort = reader.byte();
      if (sort !== 0x12) reader.fail(`a core argument of sort ${sort}`);
      return { name, instance: reader.u32() };
    });
    return { at, kind: "core instance", module, args };
  }

  #instance(reader: ByteReader): Item {
    const { at } = reader;
    const types = this.#types;
    if (isBundle(reader)) {
      const exports = reader.vector(() => ({
        name: types.externName(reader),
        sort: types.anySort(reader),
        index: reader.u32(),
      }));
      return { at, kind: "exports", exports };
    }
    const component = reader.u32();
    const args = reader.vector(() => ({ name: reader.name(), sort: types.anySort(reader), index: reader.u32() }));
    return { at, kind: "instance", component, args };
  }
}

/** Whether an instance is put together of exports, not instantiated. */
function isBundle(reader: ByteReader): boolean {
  const form = reader.byte();
  return form > 1 ? reader.fail(`unknown form of instance ${form}`) : form === 1;
}
