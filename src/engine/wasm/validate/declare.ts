import { InvalidModuleError } from "../binary/invalid-module.ts";
import { ByteReader } from "../binary/reader.ts";
import type { Alias, ExternDescription, Item, TypeDefinition } from "../inspect/component/tree.ts";
import { CanonChecker } from "./canon.ts";
import { ModuleTypeBuilder, type ModuleType } from "./core/module.ts";
import { CoreTypeSpace, type CoreTypeIds } from "./core/types.ts";
import { TypeDefiner } from "./define.ts";
import { hasFreeResources, speaksOf } from "./free.ts";
import { addNamed } from "./named.ts";
import { Scope } from "./scope.ts";
import { freshened, Substitution, type Budget } from "./substitute.ts";
import { nestedDepth, type DefinedType, type Extern, type ResourceIdentity } from "./types.ts";

type ItemOf<K extends Item["kind"]> = Extract<Item, { kind: K }>;

/** Something that is known by its description, with the resources that come with it. */
export interface Declared {
  readonly extern: Extern;
  readonly fresh: readonly ResourceIdentity[];
}

/** Evaluates what components and types of components and instances have in common: types, imports, outer aliases. */
export class Declarer {
  readonly #bytes: Uint8Array;
  readonly #ids: CoreTypeIds;
  readonly #budget: Budget;

  constructor(bytes: Uint8Array, ids: CoreTypeIds, budget: Budget) {
    this.#bytes = bytes;
    this.#ids = ids;
    this.#budget = budget;
  }

  declare(item: ItemOf<"core type" | "type" | "import">, scope: Scope): void {
    if (item.kind === "core type") return this.#coreType(item, scope);
    if (item.kind === "type") {
      scope.types.push(this.#type(item, scope));
      return;
    }
    const { name, extern, at } = item;
    if (scope.kind === "instance type") fail(`the import "${name}" in the type of an instance`, at);
    const declared = this.extern(extern, scope, { name, at });
    this.#checkImported(declared.extern, scope, { name, at });
    scope.takes.push(...declared.fresh);
    addNamed(scope, declared.extern, { kind: "import", name, at });
  }

  /** Nobody could give something of resources that only come to be with the component. */
  #checkImported(extern: Extern, scope: Scope, { name, at }: { name: string; at: number }): void {
    if (extern.sort === "core module" || scope.defines.size === 0) return;
    if (!speaksOf(extern.type, scope.defines, { budget: this.#budget, at })) return;
    fail(`the import "${name}" uses a resource that the component brings itself`, at);
  }

  /** What an import or export is said to be. */
  extern(description: ExternDescription, scope: Scope, { name, at }: { name: string; at: number }): Declared {
    switch (description.kind) {
      case "core module": {
        const type = scope.moduleTypes.get(description.type);
        if (type === undefined) return fail(`core type ${description.type} is not the type of a module`, at);
        return { extern: { sort: "core module", type }, fresh: [] };
      }
      case "value":
        return { extern: { sort: "value", type: new TypeDefiner(scope, at).use(description.type) }, fresh: [] };
      case "type": {
        if (description.equals === undefined) {
          const identity = { name };
          const type: DefinedType = { kind: "resource", identity };
          return { extern: { sort: "type", type, of: type }, fresh: [identity] };
        }
        const type = scope.types[description.equals] ?? fail(`type ${description.equals} does not exist`, at);
        return { extern: { sort: "type", type, of: type }, fresh: [] };
      }
      case "function":
      case "instance":
      case "component":
        return this.#ofType(description, scope.types[description.type], at);
    }
  }

  #ofType(
    { kind, type: index }: Extract<ExternDescription, { kind: "function" | "instance" | "component" }>,
    type: DefinedType | undefined,
    at: number,
  ): Declared {
    if (type?.kind !== kind)
      return fail(`type ${index} is not the type of ${kind === "instance" ? "an" : "a"} ${kind}`, at);
    if (type.kind === "function") return { extern: { sort: "function", type }, fresh: [] };
    if (type.kind === "component") return { extern: { sort: "component", type }, fresh: [] };
    if (type.kind !== "instance") return fail(`type ${index} is of another kind`, at);
    // Every instance has resources of its own.
    const fresh = freshened(type.defines, this.#budget, at);
    const exports = new Substitution({ resources: fresh }, this.#budget, at).externs(type.exports);
    return {
      extern: { sort: "instance", type: { ...type, exports, defines: [] } },
      fresh: [...fresh.values()],
    };
  }

  alias(alias: Exclude<Alias, { target: "core export" }>, scope: Scope, at: number): void {
    if (alias.target === "outer") return this.#outer(alias, scope, at);
    const found = scope.exportsOf(alias.instance, at).get(alias.name);
    if (found === undefined) return fail(`the instance has no export "${alias.name}"`, at);
    if (found.sort !== alias.sort) fail(`the export "${alias.name}" is a ${found.sort}, not a ${alias.sort}`, at);
    scope.add(found);
  }

  #outer({ sort, count, index }: Extract<Alias, { target: "outer" }>, scope: Scope, at: number): void {
    let outer: Scope | undefined = scope;
    let leaves = false;
    for (let left = count; left > 0 && outer !== undefined; left--) {
      leaves ||= outer.kind === "component";
      outer = outer.parent;
    }
    if (outer === undefined) return fail(`an alias ${count} components outward`, at);
    const missing = (): never => fail(`${sort} ${index} does not exist, ${count} components outward`, at);
    switch (sort) {
      case "type": {
        const type = outer.types[index] ?? missing();
        if (leaves && hasFreeResources(type, this.#budget, at))
          fail(`an alias of a type with resources of another component`, at);
        scope.types.push(type);
        return;
      }
      case "core type":
        this.#aliasCoreType(outer, index, scope, missing);
        return;
      case "core module":
        scope.modules.push(outer.modules[index] ?? missing());
        return;
      case "component":
        scope.components.push(outer.components[index] ?? missing());
        return;
      default:
        fail(`an alias of a ${sort} of another component`, at);
    }
  }

  #aliasCoreType(outer: Scope, index: number, scope: Scope, missing: () => never): void {
    const module = outer.moduleTypes.get(index);
    if (module !== undefined) scope.moduleTypes.set(scope.coreTypes.types.length, module);
    scope.coreTypes.types.push(module === undefined ? (outer.coreTypes.types[index] ?? missing()) : undefined);
  }

  #type({ type, at }: ItemOf<"type">, scope: Scope): DefinedType {
    switch (type.kind) {
      case "function":
        return new TypeDefiner(scope, at).function(type);
      case "component":
      case "instance":
        return this.#larger(type, scope, at);
      case "resource": {
        if (scope.kind !== "component") fail("a resource is defined in a type", at);
        if (type.destructor !== undefined) {
          new CanonChecker(scope, this.#ids, at).expect("a destructor", type.destructor, [["i32"], []]);
        }
        const identity = { name: "resource" };
        scope.local.add(identity);
        scope.defines.add(identity);
        return { kind: "resource", identity };
      }
      default:
        return new TypeDefiner(scope, at).value(type);
    }
  }

  #larger(
    { kind, items }: Extract<TypeDefinition, { kind: "component" | "instance" }>,
    parent: Scope,
    at: number,
  ): DefinedType {
    const scope = new Scope(kind === "component" ? "component type" : "instance type", parent, this.#ids);
    for (const item of items) this.#declaration(item, scope);
    const { takes } = scope;
    const defines = [...scope.defines];
    const [imports, exports] = [scope.imported.externs, scope.exported.externs];
    const depth = nestedDepth([imports, exports], at);
    return kind === "instance" ? { kind, exports, defines, depth } : { kind, imports, exports, takes, defines, depth };
  }

  #declaration(item: Item, scope: Scope): void {
    switch (item.kind) {
      case "core type":
      case "type":
      case "import":
        this.declare(item, scope);
        return;
      case "alias":
        if (item.alias.target === "core export" || !mayAlias(item.alias)) {
          return fail(`an alias of a ${item.alias.sort} in a type`, item.at);
        }
        this.alias(item.alias, scope, item.at);
        return;
      case "export": {
        const { name, extern, at } = item;
        if (extern === undefined) return fail(`the export "${name}" is nothing`, at);
        const declared = this.extern(extern, scope, { name, at });
        for (const identity of declared.fresh) scope.defines.add(identity);
        addNamed(scope, declared.extern, { kind: "export", name, at });
        return;
      }
      default:
        fail(`a ${item.kind} in a type`, item.at);
    }
  }

  #coreType({ start, end }: ItemOf<"core type">, scope: Scope): void {
    const reader = new ByteReader(this.#bytes, start, end);
    const { types } = scope.coreTypes;
    if (reader.peek() === 0x50) {
      reader.byte();
      scope.moduleTypes.set(types.length, this.#moduleType(reader, scope));
      types.push(undefined);
      return;
    }
    if (reader.peek() === 0) reader.byte();
    scope.coreTypes.readGroup(reader);
  }

  #moduleType(reader: ByteReader, scope: Scope): ModuleType {
    const type = new ModuleTypeBuilder();
    const space = new CoreTypeSpace(this.#ids);
    reader.vector(() => {
      const { at } = reader;
      switch (reader.byte()) {
        case 0:
          type.import(reader.name(), reader.name(), space.entity(reader), at);
          return;
        case 1:
          space.readGroup(reader);
          return;
        case 2:
          space.types.push(this.#outerCoreType(reader, space, scope));
          return;
        case 3:
          type.export(reader.name(), space.entity(reader), at);
      }
    });
    return type;
  }

  #outerCoreType(reader: ByteReader, space: CoreTypeSpace, scope: Scope): CoreTypeSpace["types"][number] {
    const [sort, target] = [reader.byte(), reader.byte()];
    if (sort !== 0x10 || target !== 1) reader.fail("an alias of something that is no outer type");
    const count = reader.u32();
    let outer: Scope | undefined = scope;
    for (let left = count; left > 1; left--) outer = outer?.parent;
    const from = count === 0 ? space : outer?.coreTypes;
    const index = reader.u32();
    return from?.types[index] ?? reader.fail(`core type ${index} does not exist, ${count} components outward`);
  }
}

/** Types speak of other types only, and of instances to reach theirs. */
function mayAlias({ sort, target }: Alias): boolean {
  return sort === "type" || sort === (target === "outer" ? "core type" : "instance");
}

function fail(message: string, at: number): never {
  throw new InvalidModuleError(message, at);
}
