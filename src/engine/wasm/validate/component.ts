import { InvalidModuleError } from "../binary/invalid-module.ts";
import { formatFunction } from "../../../wit/format.ts";
import { checkExternNames, checkUnique } from "../inspect/component/extern-names.ts";
import type { ComponentTree, Item } from "../inspect/component/tree.ts";
import { CanonChecker } from "./canon.ts";
import { entityMisfit } from "./core/match.ts";
import { readModule } from "./core/module.ts";
import { CoreTypeIds, type CoreEntity } from "./core/types.ts";
import { Declarer } from "./declare.ts";
import { Matcher } from "./match.ts";
import { addNamed, checkAnnotated } from "./named.ts";
import { Scope } from "./scope.ts";
import { Budget, freshened, Substitution } from "./substitute.ts";
import { nestedDepth, type ComponentType, type Extern, type InstanceType } from "./types.ts";

type ItemOf<K extends Item["kind"]> = Extract<Item, { kind: K }>;

/**
 * Validates a component without async parts, by the rules of the Component Model: types, names, indices, and that
 * whatever is given to something is what that asks for. The bodies of core modules are left to V8.
 * @throws InvalidModuleError
 */
export function validateComponent(bytes: Uint8Array, tree: ComponentTree): void {
  checkExternNames(tree.items);
  new Validator(bytes).component(tree.items, undefined);
}

class Validator {
  readonly #bytes: Uint8Array;
  readonly #ids = new CoreTypeIds();
  readonly #budget = new Budget();
  readonly #declarer: Declarer;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#declarer = new Declarer(bytes, this.#ids, this.#budget);
  }

  component(items: readonly Item[], parent: Scope | undefined): ComponentType {
    const scope = new Scope("component", parent, this.#ids);
    for (const item of items) this.#item(item, scope);
    const unused = scope.values.findIndex((value) => !value.isUsed);
    if (unused >= 0) fail(`value ${unused} is never used`, items.at(-1)?.at ?? 0);
    const { imported, exported, takes } = scope;
    const defines = [...scope.defines];
    const [imports, exports] = [imported.externs, exported.externs];
    const depth = nestedDepth([imports, exports], items.at(-1)?.at ?? 0);
    return { kind: "component", imports, exports, takes, defines, depth };
  }

  #item(item: Item, scope: Scope): void {
    switch (item.kind) {
      case "core module":
        scope.modules.push(readModule(this.#bytes, item, this.#ids));
        return;
      case "core instance":
        scope.coreInstances.push(this.#coreInstance(item, scope));
        return;
      case "core exports":
        checkOnce("core export", item.exports, item.at);
        scope.coreInstances.push(
          new Map(
            item.exports.map(({ name, sort, index }) => [name, scope.coreEntity(`core ${sort}`, index, item.at)]),
          ),
        );
        return;
      case "component":
        scope.components.push(this.component(item.items, scope));
        return;
      case "instance":
        scope.instances.push(this.#instantiate(item, scope));
        return;
      case "exports":
        scope.instances.push(this.#bundle(item, scope));
        return;
      case "alias":
        this.#alias(item, scope);
        return;
      case "canon":
        new CanonChecker(scope, this.#ids, item.at).define(item.canon);
        return;
      case "export":
        this.#export(item, scope);
        return;
      case "start":
        this.#start(item, scope);
        return;
      case "core type":
      case "type":
      case "import":
        this.#declarer.declare(item, scope);
    }
  }

  #coreInstance({ module, args, at }: ItemOf<"core instance">, scope: Scope): ReadonlyMap<string, CoreEntity> {
    const type = scope.modules[module] ?? fail(`core module ${module} does not exist`, at);
    checkOnce("core argument", args, at);
    const given = new Map(
      args.map(({ name, instance }) => {
        return [name, scope.coreInstances[instance] ?? fail(`core instance ${instance} does not exist`, at)];
      }),
    );
    for (const { module: from, name, entity } of type.imports) {
      const found = given.get(from)?.get(name);
      const what = `the import "${name}" of "${from}" of a core module`;
      if (found === undefined) return fail(`nothing is given for ${what}`, at);
      const why = entityMisfit(found, entity);
      if (why !== undefined) fail(`${what} ${why}`, at);
    }
    return type.exports;
  }

  #instantiate({ component, args, at }: ItemOf<"instance">, scope: Scope): InstanceType {
    const type = scope.components[component] ?? fail(`component ${component} does not exist`, at);
    checkOnce("argument", args, at);
    const given = new Map(args.map(({ name, sort, index }) => [name, scope.take(sort, index, at)]));
    const matcher = new Matcher(type.takes, this.#budget);
    for (const [name, wanted] of type.imports) {
      const found = given.get(name) ?? fail(`nothing is given for the import "${name}" of a component inside`, at);
      matcher.check(found, wanted, { what: "import", of: "of a component inside ", path: [name], at });
    }
    const fresh = freshened(type.defines, this.#budget, at);
    for (const identity of fresh.values()) scope.defines.add(identity);
    const resources = new Map([...matcher.bindings, ...fresh]);
    const exports = new Substitution({ resources, types: matcher.types }, this.#budget, at).externs(type.exports);
    return { kind: "instance", exports, defines: [], depth: type.depth };
  }

  #bundle({ exports: items, at }: ItemOf<"exports">, scope: Scope): InstanceType {
    const exports = new Map<string, Extern>();
    checkUnique(
      "export",
      items.map(({ name }) => ({ name, at })),
    );
    for (const { name, sort, index } of items) {
      const extern = scope.take(sort, index, at);
      checkAnnotated(extern, exports, { kind: "export", name, at });
      exports.set(name, extern);
    }
    return { kind: "instance", exports, defines: [], depth: nestedDepth([exports], at) };
  }

  #alias({ alias, at }: ItemOf<"alias">, scope: Scope): void {
    if (alias.target !== "core export") return this.#declarer.alias(alias, scope, at);
    const exports = scope.coreInstances[alias.instance] ?? fail(`core instance ${alias.instance} does not exist`, at);
    const found = exports.get(alias.name) ?? fail(`a core instance has no export "${alias.name}"`, at);
    if (`core ${found.kind}` !== alias.sort)
      fail(`the core export "${alias.name}" is a ${found.kind}, not a ${alias.sort}`, at);
    scope.addCore(found);
  }

  /** What an export is said to be goes before what it is; its resources are those that are exported. */
  #export({ name, from, extern, at }: ItemOf<"export">, scope: Scope): void {
    const given =
      from === undefined ? fail(`the export "${name}" is nothing`, at) : scope.take(from.sort, from.index, at);
    const naming = { kind: "export", name, at } as const;
    if (extern === undefined) return addNamed(scope, given, naming);
    const said = this.#declarer.extern(extern, scope, { name, at });
    const matcher = new Matcher(said.fresh, this.#budget);
    matcher.check(given, said.extern, { what: "export", path: [name], at });
    addNamed(scope, new Substitution({ resources: matcher.bindings }, this.#budget, at).extern(said.extern), naming);
  }

  #start({ function: index, args, results, at }: ItemOf<"start">, scope: Scope): void {
    const type = scope.functions[index] ?? fail(`function ${index} does not exist`, at);
    const values = args.map((arg): Extern => ({ sort: "value", type: scope.useValue(arg, at) }));
    const { params, result, wit } = type;
    if (params.length !== values.length || results !== (result === undefined ? 0 : 1)) {
      fail(`a start function ${formatFunction(wit)} is used as another`, at);
    }
    for (const [position, { name, type: wanted }] of params.entries()) {
      const value = values[position] ?? fail("a start function without an argument", at);
      new Matcher([], this.#budget).check(value, { sort: "value", type: wanted }, { what: "import", path: [name], at });
    }
    if (result !== undefined) scope.values.push({ type: result, isUsed: false });
  }
}

function checkOnce(what: string, items: readonly { readonly name: string }[], at: number): void {
  const seen = new Set<string>();
  for (const { name } of items) {
    if (seen.has(name)) fail(`the ${what} "${name}" is there twice`, at);
    seen.add(name);
  }
}

function fail(message: string, at: number): never {
  throw new InvalidModuleError(message, at);
}
