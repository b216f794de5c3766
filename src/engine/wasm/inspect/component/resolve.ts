import { InvalidModuleError } from "../../binary/invalid-module.ts";
import { TypeBuilder, withName } from "./build-type.ts";
import { Scope, type Entity, type Exports, type TypeEntity } from "./entities.ts";
import type { Alias, ComponentTree, ExternDescription, Item, SortIndex } from "./tree.ts";

/**
 * Definitions that may be evaluated for one component. Instances are evaluated for each use, so a few bytes could ask
 * for exponentially many; real components stay below 20,000.
 */
const evaluations = 500_000;
/** Instances evaluated inside each other. */
const evaluationDepth = 64;

/** A component's imports and exports with all names resolved. */
export interface ResolvedComponent {
  readonly imports: Exports;
  readonly exports: Exports;
}

/**
 * Evaluates a component symbolically: every instantiation, alias and type is followed, nothing is run.
 * @throws InvalidModuleError
 */
export function resolveComponent(tree: ComponentTree): ResolvedComponent {
  const resolver = new Resolver();
  const imports = new Map<string, Entity>();
  const exports = resolver.evaluate(tree.items, new Scope(undefined), (name, made) => {
    imports.set(name, made());
    return imports.get(name);
  });
  return { imports, exports };
}

/** What an import is given: `made` gives one that fits its description and nothing more. */
type Provide = (name: string, made: () => Entity) => Entity | undefined;

class Resolver {
  #left = evaluations;
  #depth = 0;

  /** Runs definitions in a new scope, and gives what they export. */
  evaluate(items: readonly Item[], scope: Scope, provide: Provide): Exports {
    this.#depth += 1;
    const exports = new Map<string, Entity>();
    for (const item of items) {
      this.#left -= 1;
      if (this.#left < 0 || this.#depth > evaluationDepth) fail("the component instantiates too much", item.at);
      this.#item(item, scope, provide, exports);
    }
    this.#depth -= 1;
    return exports;
  }

  #item(item: Item, scope: Scope, provide: Provide, exports: Map<string, Entity>): void {
    switch (item.kind) {
      case "component":
        scope.add({ sort: "component", items: item.items, scope });
        return;
      case "instance":
        scope.add(this.#instantiate(item.component, item.args, scope, item.at));
        return;
      case "exports":
        scope.add({ sort: "instance", exports: collect(item.exports, scope, item.at) });
        return;
      case "alias":
        this.#alias(item.alias, scope, item.at);
        return;
      case "type":
        scope.types.push(this.#type(item, scope));
        return;
      case "canon":
        if (item.canon.kind === "lift") scope.functions.push(functionType(item.canon.type, scope, item.at));
        return;
      case "import": {
        const { name, extern, at } = item;
        scope.add(
          provide(name, () => this.#declare(extern, name, scope, at)) ??
            fail(`nothing is given for the import "${name}"`, at),
        );
        return;
      }
      case "export":
        this.#export(item, scope, exports);
        return;
      default:
      // The core part has no types of the component model.
    }
  }

  #type(item: Extract<Item, { kind: "type" }>, scope: Scope): TypeEntity {
    const { type, at } = item;
    switch (type.kind) {
      case "function":
        return { kind: "function", type: new TypeBuilder(scope, at).function(type) };
      case "component":
      case "instance":
        return { kind: type.kind, items: type.items, scope };
      case "resource":
        return { kind: "resource", name: undefined, identity: {} };
      default:
        return new TypeBuilder(scope, at).value(type);
    }
  }

  /** An export adds to its index space, under its name; what it is said to be goes before what it was. */
  #export(item: Extract<Item, { kind: "export" }>, scope: Scope, exports: Map<string, Entity>): void {
    const { name, from, extern, at } = item;
    const own = from === undefined ? undefined : entityAt(scope, from.sort, from.index, at);
    const isOpaque = extern?.kind === "type" && extern.equals === undefined;
    const said = extern === undefined || (own !== undefined && isOpaque) ? own : this.#declare(extern, name, scope, at);
    const entity = said ?? fail(`the export "${name}" is nothing`, at);
    const named: Entity = entity.sort === "type" ? { sort: "type", type: withName(entity.type, name) } : entity;
    scope.add(named);
    exports.set(name, named);
  }

  #alias(alias: Alias, scope: Scope, at: number): void {
    if (alias.target === "core export" || (alias.sort.startsWith("core ") && alias.sort !== "core module")) return;
    if (alias.target === "outer") {
      let outer: Scope | undefined = scope;
      for (let count = alias.count; count > 0 && outer !== undefined; count--) outer = outer.parent;
      if (outer === undefined) fail(`an alias ${alias.count} components outward`, at);
      else scope.add(entityAt(outer, alias.sort, alias.index, at));
      return;
    }
    const exports = scope.instances[alias.instance] ?? fail(`instance ${alias.instance} does not exist`, at);
    const entity = exports.get(alias.name) ?? fail(`the instance has no export "${alias.name}"`, at);
    if (entity.sort !== alias.sort) fail(`the export "${alias.name}" is a ${entity.sort}, not a ${alias.sort}`, at);
    scope.add(entity);
  }

  #instantiate(index: number, args: readonly SortIndex[], scope: Scope, at: number): Entity {
    const component = scope.components[index] ?? fail(`component ${index} does not exist`, at);
    const given = collect(args, scope, at);
    const exports = this.evaluate(component.items, new Scope(component.scope), (name, made) => {
      return given.get(name) ?? made();
    });
    return { sort: "instance", exports };
  }

  /** Something that is only known by its description. */
  #declare(extern: ExternDescription, name: string, scope: Scope, at: number): Entity {
    switch (extern.kind) {
      case "core module":
      case "value":
        return { sort: extern.kind };
      case "function":
        return { sort: "function", type: functionType(extern.type, scope, at) };
      case "type": {
        if (extern.equals === undefined) return { sort: "type", type: { kind: "resource", name, identity: {} } };
        const type = scope.types[extern.equals] ?? fail(`type ${extern.equals} does not exist`, at);
        return { sort: "type", type: withName(type, name) };
      }
      case "instance":
      case "component": {
        const type = scope.types[extern.type];
        if (type?.kind !== extern.kind) return fail(`type ${extern.type} is not the type of a ${extern.kind}`, at);
        if (type.kind === "component") return { sort: "component", items: type.items, scope: type.scope };
        return { sort: "instance", exports: this.evaluate(type.items, new Scope(type.scope), (_, made) => made()) };
      }
    }
  }
}

function functionType(index: number, scope: Scope, at: number): Extract<Entity, { sort: "function" }>["type"] {
  const entity = scope.types[index];
  return entity?.kind === "function" ? entity.type : fail(`type ${index} is not the type of a function`, at);
}

function entityAt(scope: Scope, sort: string, index: number, at: number): Entity {
  return scope.get(sort, index) ?? fail(`${sort} ${index} does not exist`, at);
}

function collect(items: readonly SortIndex[], scope: Scope, at: number): Map<string, Entity> {
  return new Map(items.map(({ name, sort, index }) => [name, entityAt(scope, sort, index, at)]));
}

function fail(message: string, at: number): never {
  throw new InvalidModuleError(message, at);
}
