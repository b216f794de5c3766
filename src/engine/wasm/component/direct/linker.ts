import type { Alias, Canon, CanonOptions, ComponentTree, Item } from "../../inspect/component/tree.ts";
import { linkDepth, tooLarge } from "./bounds.ts";
import { Declarer, signatureOf, type IsSuspending } from "./declare.ts";
import { decline } from "./declined.ts";
import { aliased, LinkState, named } from "./link-state.ts";
import type { CoreRef, FunctionRef, LinkedOptions, LinkProgram } from "./program.ts";
import { isCoreSort, Scope, type Linked, type LinkedExports } from "./scope.ts";

/**
 * Follows every definition of a component to what must be done at run time.
 * @throws Declined for what this engine does not do.
 * @throws TooLarge
 */
export function linkProgram(tree: ComponentTree, isSuspending: IsSuspending): LinkProgram {
  const [unsupported] = tree.unsupported;
  if (unsupported !== undefined) decline(`it uses ${unsupported}`);
  const state = new LinkState();
  const linker = new Linker(state, isSuspending);
  const exports = linker.world(tree.items);
  const { steps, resources, hostFunctions, modules } = state;
  return {
    steps,
    resources,
    hostFunctions,
    modules,
    components: linker.components,
    exports: new Map(liftedNames(exports)),
  };
}

function* liftedNames(exports: LinkedExports): Generator<[name: string, ref: FunctionRef]> {
  for (const [name, entity] of exports) {
    if (entity.sort === "function") yield [name, entity.function];
    if (entity.sort !== "instance") continue;
    for (const [inner, item] of entity.exports) {
      if (item.sort === "function") yield [`${name}#${inner}`, item.function];
    }
  }
}

/** What a component instance is given for an import. */
type Provide = (item: Extract<Item, { kind: "import" }>, scope: Scope) => Linked;

class Linker {
  components = 0;
  readonly #state: LinkState;
  readonly #declarer: Declarer;
  #depth = 0;

  constructor(state: LinkState, isSuspending: IsSuspending) {
    this.#state = state;
    this.#declarer = new Declarer(state, isSuspending);
  }

  /** Links the outermost component, which the host serves. */
  world(items: readonly Item[]): LinkedExports {
    return this.#evaluate(items, this.#scope(undefined), ({ at, name, extern }, scope) => {
      return this.#declarer.declare({ at, extern, name, scope, interface: "" });
    });
  }

  /** Index spaces of a new component instance. */
  #scope(parent: Scope | undefined): Scope {
    this.components += 1;
    return new Scope(parent, this.components - 1);
  }

  /** Links one component instance, and gives what it exports. */
  #evaluate(items: readonly Item[], scope: Scope, provide: Provide): LinkedExports {
    this.#depth += 1;
    if (this.#depth > linkDepth) tooLarge(`it has instances nested more than ${linkDepth} deep`);
    const exports = new Map<string, Linked>();
    for (const item of items) {
      this.#state.count();
      this.#item(item, scope, { provide, exports });
    }
    this.#depth -= 1;
    return exports;
  }

  #item(item: Item, scope: Scope, around: { provide: Provide; exports: Map<string, Linked> }): void {
    switch (item.kind) {
      case "core module":
        scope.add({ sort: "core module", module: this.#state.module(item.start, item.end) });
        return;
      case "core instance":
        this.#coreInstance(item, scope);
        return;
      case "core exports":
        scope.coreInstances.push({
          kind: "bundle",
          exports: new Map(item.exports.map(({ name, sort, index }) => [name, scope.coreRef(sort, index)])),
        });
        return;
      case "component":
        scope.add({ sort: "component", items: item.items, scope });
        return;
      case "instance":
        scope.add(this.#instantiate(item, scope));
        return;
      case "exports":
        scope.add({ sort: "instance", exports: scope.collect(item.exports) });
        return;
      case "alias":
        this.#alias(item.alias, scope);
        return;
      case "type":
        scope.add({ sort: "type", type: this.#declarer.type(item, scope) });
        return;
      case "canon":
        this.#canon(item.canon, scope, item.at);
        return;
      case "import":
        scope.add(around.provide(item, scope));
        return;
      case "export":
        this.#export(item, scope, around.exports);
        return;
      case "start":
        this.#start(item, scope);
        return;
      case "core type":
    }
  }

  #coreInstance(item: Extract<Item, { kind: "core instance" }>, scope: Scope): void {
    const module = scope.get("core module", item.module);
    if (module.sort !== "core module") return decline("a module that is none");
    const args = item.args.map(({ name, instance }) => {
      return { name, from: scope.coreInstances[instance] ?? decline(`core instance ${instance} is not there`) };
    });
    const step = this.#state.step({ at: item.at, kind: "instantiate", module: module.module, args });
    scope.coreInstances.push({ kind: "instance", step });
  }

  #instantiate(item: Extract<Item, { kind: "instance" }>, scope: Scope): Linked {
    const component = scope.get("component", item.component);
    if (component.sort !== "component") return decline("a component that is none");
    const given = scope.collect(item.args);
    const exports = this.#evaluate(component.items, this.#scope(component.scope), ({ name }) => {
      return given.get(name) ?? decline(`nothing is given for the import "${name}" of a component inside`);
    });
    return { sort: "instance", exports };
  }

  /** Its result, if it has one, is a value that others may start with. */
  #start(item: Extract<Item, { kind: "start" }>, scope: Scope): void {
    const found = scope.get("function", item.function);
    if (found.sort !== "function") return decline("a start function that is none");
    const { at } = item;
    const { result } = found.function.signature;
    const args = item.args.map((index) => {
      const value = scope.get("value", index);
      return value.sort === "value" ? value.value : decline("a value that is none");
    });
    const step = this.#state.step({ at, kind: "start", function: found.function, args });
    if (result !== undefined) scope.add({ sort: "value", value: { step, type: result } });
  }

  #alias(alias: Alias, scope: Scope): void {
    if (alias.target !== "core export") {
      if (alias.sort !== "core type") scope.add(aliased(alias, scope));
      return;
    }
    const instance = scope.coreInstances[alias.instance] ?? decline(`core instance ${alias.instance} is not there`);
    const sort = alias.sort.replace(/^core /, "");
    if (!isCoreSort(sort)) return decline(`an alias of a core ${sort}`);
    scope.core[sort].push(
      instance.kind === "instance"
        ? { kind: "export", instance: instance.step, name: alias.name }
        : (instance.exports.get(alias.name) ?? decline(`a core instance has no export "${alias.name}"`)),
    );
  }

  #export(item: Extract<Item, { kind: "export" }>, scope: Scope, exports: Map<string, Linked>): void {
    const { name, from } = item;
    const entity = named(
      from === undefined ? decline(`the export "${name}" is nothing`) : scope.get(from.sort, from.index),
      name,
    );
    scope.add(entity);
    exports.set(name, entity);
  }

  #canon(canon: Canon, scope: Scope, at: number): void {
    const { component } = scope;
    switch (canon.kind) {
      case "lift": {
        const signature = signatureOf(scope.typeScope.types[canon.type]);
        const core = scope.coreRef("function", canon.core);
        const options = optionsOf(canon.options, scope);
        const step = this.#state.step({ at, kind: "lift", component, options, core, signature });
        scope.add({ sort: "function", function: { kind: "lift", step, signature } });
        return;
      }
      case "lower": {
        const target = scope.get("function", canon.function);
        if (target.sort !== "function") return decline("a function that is none");
        const options = optionsOf(canon.options, scope);
        this.#made(this.#state.step({ at, kind: "lower", component, options, target: target.function }), scope);
        return;
      }
      case "resource.new":
      case "resource.rep":
      case "resource.drop": {
        const type = scope.typeScope.types[canon.resource];
        if (type?.kind !== "resource") return decline("a resource that is none");
        const resource = Number(type.name);
        this.#made(this.#state.step({ at, kind: canon.kind, component, resource }), scope);
        return;
      }
      case "builtin":
        return decline(`it uses ${canon.name}`);
    }
  }

  #made(step: number, scope: Scope): void {
    scope.core.function.push({ kind: "made", step });
  }
}

function optionsOf(options: CanonOptions, scope: Scope): LinkedOptions {
  if (options.isAsync || options.callback !== undefined) decline("it uses async functions");
  const find = (sort: string, index: number | undefined): CoreRef | undefined =>
    index === undefined ? undefined : scope.coreRef(sort, index);
  return {
    encoding: options.encoding,
    memory: find("memory", options.memory),
    realloc: find("function", options.realloc),
    postReturn: find("function", options.postReturn),
  };
}
