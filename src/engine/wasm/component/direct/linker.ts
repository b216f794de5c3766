import type { WitFunction } from "../../../../wit/types.ts";
import { TypeBuilder, withName } from "../../inspect/component/build-type.ts";
import type { TypeEntity } from "../../inspect/component/entities.ts";
import type {
  Alias,
  Canon,
  CanonOptions,
  ComponentTree,
  ExternDescription,
  Item,
} from "../../inspect/component/tree.ts";
import type { HostFunction } from "../../program.ts";
import { withoutVersion } from "../names.ts";
import { decline } from "./declined.ts";
import type { CoreRef, LinkedOptions, LinkedResource, LinkProgram, Step } from "./program.ts";
import { isCoreSort, Scope, scopeOfType, type Linked, type LinkedExports } from "./scope.ts";

/** Definitions that may be linked for one component: each may become code. Real components stay below 20,000. */
const definitions = 100_000;
/** Component instances inside each other. */
const linkDepth = 64;

/** True for an imported function that may wait. */
export type IsSuspending = (interfaceName: string, functionName: string) => boolean;

/**
 * Follows every definition of a component to what must be done at run time.
 * @throws Declined for what this engine does not do.
 */
export function linkProgram(tree: ComponentTree, isSuspending: IsSuspending): LinkProgram {
  const [unsupported] = tree.unsupported;
  if (unsupported !== undefined) decline(`it uses ${unsupported}`);
  const linker = new Linker(isSuspending);
  const exports = linker.evaluate(tree.items, linker.scope(undefined), (name, scope, extern) => {
    if (extern.kind === "component" || extern.kind === "core module") decline(`it imports a ${extern.kind}`);
    return linker.declare({ extern, name, scope, interface: "" });
  });
  return {
    steps: linker.steps,
    resources: linker.resources,
    components: linker.components,
    hostFunctions: linker.hostFunctions,
    exports: new Map(liftedNames(exports)),
    modules: linker.modules,
  };
}

function* liftedNames(exports: LinkedExports): Generator<[name: string, step: number]> {
  for (const [name, entity] of exports) {
    if (entity.sort === "function" && entity.function.kind === "lift") yield [name, entity.function.step];
    if (entity.sort !== "instance") continue;
    for (const [inner, item] of entity.exports) {
      if (item.sort === "function" && item.function.kind === "lift") yield [`${name}#${inner}`, item.function.step];
    }
  }
}

type Provide = (name: string, scope: Scope, extern: ExternDescription) => Linked;

/** Something that is known by its description only. */
interface Declaration {
  readonly extern: ExternDescription;
  readonly name: string;
  readonly scope: Scope;
  /** The interface that it is declared in; empty in the world. */
  readonly interface: string;
}

class Linker {
  readonly steps: Step[] = [];
  readonly resources: LinkedResource[] = [];
  readonly hostFunctions: HostFunction[] = [];
  readonly modules = new Map<string, { start: number; end: number }>();
  components = 0;
  readonly #isSuspending: IsSuspending;
  #left = definitions;
  #depth = 0;

  constructor(isSuspending: IsSuspending) {
    this.#isSuspending = isSuspending;
  }

  /** Index spaces of a new component instance. */
  scope(parent: Scope | undefined): Scope {
    this.components += 1;
    return new Scope(parent, this.components - 1);
  }

  /** Links one component instance, and gives what it exports. */
  evaluate(items: readonly Item[], scope: Scope, provide: Provide): LinkedExports {
    this.#depth += 1;
    if (this.#depth > linkDepth) decline(`instances nested more than ${linkDepth} deep`);
    const exports = new Map<string, Linked>();
    for (const item of items) {
      this.#left -= 1;
      if (this.#left < 0) decline(`more than ${definitions} definitions`);
      this.#item(item, scope, { provide, exports });
    }
    this.#depth -= 1;
    return exports;
  }

  #item(item: Item, scope: Scope, around: { provide: Provide; exports: Map<string, Linked> }): void {
    switch (item.kind) {
      case "core module": {
        const module = `m${item.start}`;
        this.modules.set(module, { start: item.start, end: item.end });
        scope.add({ sort: "core module", module });
        return;
      }
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
        scope.add({ sort: "type", type: this.#type(item, scope) });
        return;
      case "canon":
        this.#canon(item.canon, scope);
        return;
      case "import":
        scope.add(around.provide(item.name, scope, item.extern));
        return;
      case "export":
        this.#export(item, scope, around.exports);
        return;
      case "start":
        return decline("it uses a start function");
      case "core type":
    }
  }

  #step(step: Step): number {
    return this.steps.push(step) - 1;
  }

  #coreInstance(item: Extract<Item, { kind: "core instance" }>, scope: Scope): void {
    const module = scope.get("core module", item.module);
    if (module.sort !== "core module") return decline("a module that is none");
    const args = item.args.map(({ name, instance }) => {
      return { name, from: scope.coreInstances[instance] ?? decline(`core instance ${instance} is not there`) };
    });
    const step = this.#step({ kind: "instantiate", module: module.module, args });
    scope.coreInstances.push({ kind: "instance", step });
  }

  #instantiate(item: Extract<Item, { kind: "instance" }>, scope: Scope): Linked {
    const component = scope.get("component", item.component);
    if (component.sort !== "component") return decline("a component that is none");
    const given = scope.collect(item.args);
    const exports = this.evaluate(component.items, this.scope(component.scope), (name, inner, extern) => {
      const found = given.get(name);
      if (found !== undefined) return found;
      if (extern.kind === "type" && extern.equals !== undefined) return inner.get("type", extern.equals);
      return decline(`nothing is given for the import "${name}" of a component inside`);
    });
    return { sort: "instance", exports };
  }

  #alias(alias: Alias, scope: Scope): void {
    if (alias.target === "core export") {
      const instance = scope.coreInstances[alias.instance] ?? decline(`core instance ${alias.instance} is not there`);
      const sort = alias.sort.replace(/^core /, "");
      if (!isCoreSort(sort)) return decline(`an alias of a core ${sort}`);
      scope.core[sort].push(
        instance.kind === "instance"
          ? { kind: "export", instance: instance.step, name: alias.name }
          : (instance.exports.get(alias.name) ?? decline(`a core instance has no export "${alias.name}"`)),
      );
      return;
    }
    if (alias.target === "export") {
      const found = scope.exportsOf(alias.instance).get(alias.name);
      scope.add(found ?? decline(`an instance has no export "${alias.name}"`));
      return;
    }
    if (alias.target !== "outer" || alias.sort === "core type") return;
    let outer: Scope | undefined = scope;
    for (let count = alias.count; count > 0; count--) outer = outer?.parent;
    scope.add((outer ?? decline("an alias beyond the component")).get(alias.sort, alias.index));
  }

  #type({ type, at }: Extract<Item, { kind: "type" }>, scope: Scope): TypeEntity {
    switch (type.kind) {
      case "function":
        return { kind: "function", type: new TypeBuilder(scope.typeScope, at).function(type) };
      case "component":
      case "instance":
        return { kind: type.kind, items: type.items, scope: scope.typeScope };
      case "resource": {
        const { destructor } = type;
        return this.#resource({
          owner: scope.component,
          destructor: destructor === undefined ? undefined : scope.coreRef("function", destructor),
        });
      }
      default:
        return new TypeBuilder(scope.typeScope, at).value(type);
    }
  }

  /** A new type of resources. Its index serves as its name, so that every signature says which one it means. */
  #resource(resource: LinkedResource): TypeEntity {
    this.resources.push(resource);
    return { kind: "resource", name: String(this.resources.length - 1), identity: resource };
  }

  #export(item: Extract<Item, { kind: "export" }>, scope: Scope, exports: Map<string, Linked>): void {
    const { name, from, extern } = item;
    const own = from === undefined ? undefined : scope.get(from.sort, from.index);
    const entity =
      own ?? this.declare({ extern: extern ?? decline(`the export "${name}" is nothing`), name, scope, interface: "" });
    const named: Linked = entity.sort === "type" ? { sort: "type", type: withName(entity.type, name) } : entity;
    scope.add(named);
    exports.set(name, named);
  }

  #canon(canon: Canon, scope: Scope): void {
    switch (canon.kind) {
      case "lift": {
        const signature = signatureOf(scope.typeScope.types[canon.type]);
        const { component } = scope;
        const core = scope.coreRef("function", canon.core);
        const step = this.#step({ kind: "lift", component, options: optionsOf(canon.options, scope), core, signature });
        scope.add({ sort: "function", function: { kind: "lift", step, signature } });
        return;
      }
      case "lower": {
        const target = scope.get("function", canon.function);
        if (target.sort !== "function") return decline("a function that is none");
        const options = optionsOf(canon.options, scope);
        const { component } = scope;
        this.#made(this.#step({ kind: "lower", component, options, target: target.function }), scope);
        return;
      }
      case "resource.new":
      case "resource.rep":
      case "resource.drop": {
        const type = scope.typeScope.types[canon.resource];
        if (type?.kind !== "resource") return decline("a resource that is none");
        const { component } = scope;
        this.#made(this.#step({ kind: canon.kind, component, resource: Number(type.name) }), scope);
        return;
      }
      case "builtin":
        return decline(`it uses ${canon.name}`);
    }
  }

  #made(step: number, scope: Scope): void {
    scope.core.function.push({ kind: "made", step });
  }

  /** What the host gives for an import: functions and resources by name. */
  declare({ extern, name, scope, interface: inside }: Declaration): Linked {
    switch (extern.kind) {
      case "function": {
        const signature = { ...signatureOf(scope.typeScope.types[extern.type]), name };
        const suspending = this.#isSuspending(withoutVersion(inside), name);
        const index = this.hostFunctions.push({ interface: inside, signature, suspending }) - 1;
        return { sort: "function", function: { kind: "host", index, signature } };
      }
      case "type":
        if (extern.equals === undefined) {
          return { sort: "type", type: this.#resource({ owner: undefined, destructor: undefined }) };
        }
        return scope.get("type", extern.equals);
      case "instance": {
        const type = scope.typeScope.types[extern.type];
        if (type?.kind !== "instance") return decline("the type of an instance that is none");
        return { sort: "instance", exports: this.#declareInstance(type.items, scopeOfType(type), name) };
      }
      default:
        return decline(`it imports a ${extern.kind}`);
    }
  }

  /** Evaluates an instance's type, whose parent is the scope that it was written in. */
  #declareInstance(items: readonly Item[], parent: Scope, name: string): LinkedExports {
    const inner = new Scope(parent, parent.component);
    const exports = new Map<string, Linked>();
    for (const item of items) {
      this.#left -= 1;
      if (this.#left < 0) decline(`more than ${definitions} definitions`);
      if (item.kind !== "export" || item.from !== undefined || item.extern === undefined) {
        this.#item(item, inner, { provide: () => decline("an import in the type of an instance"), exports });
        continue;
      }
      const entity = this.declare({ extern: item.extern, name: item.name, scope: inner, interface: name });
      const named: Linked = entity.sort === "type" ? { sort: "type", type: withName(entity.type, item.name) } : entity;
      inner.add(named);
      exports.set(item.name, named);
    }
    return exports;
  }
}

function signatureOf(type: TypeEntity | undefined): WitFunction {
  if (type?.kind !== "function") return decline("the type of a function that is none");
  if (type.type.isAsync) return decline("it uses async functions");
  return { name: "", ...type.type.signature };
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
