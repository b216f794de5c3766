import { withName } from "../../inspect/component/build-type.ts";
import type { TypeEntity } from "../../inspect/component/entities.ts";
import type { Alias } from "../../inspect/component/tree.ts";
import type { HostFunction } from "../../program.ts";
import { coreInstances, coreModules, definitions, tooLarge } from "./bounds.ts";
import { decline } from "./declined.ts";
import type { LinkedResource, Step } from "./program.ts";
import type { Linked, Scope } from "./scope.ts";

/** What linking has come to so far, and what it may still do. */
export class LinkState {
  readonly steps: Step[] = [];
  readonly resources: LinkedResource[] = [];
  readonly hostFunctions: HostFunction[] = [];
  readonly modules = new Map<string, { start: number; end: number }>();
  #definitions = 0;
  #coreInstances = 0;

  /** Before each definition. */
  count(): void {
    this.#definitions += 1;
    if (this.#definitions > definitions) tooLarge(`it has more than ${definitions} definitions`);
  }

  /** Adds a step and gives its index. */
  step(step: Step): number {
    if (step.kind === "instantiate") this.#coreInstances += 1;
    if (this.#coreInstances > coreInstances) tooLarge(`it has more than ${coreInstances} core instances`);
    return this.steps.push(step) - 1;
  }

  module(start: number, end: number): string {
    const module = `m${start}`;
    this.modules.set(module, { start, end });
    if (this.modules.size > coreModules) tooLarge(`it has more than ${coreModules} core modules`);
    return module;
  }

  /** A new type of resources. Its index serves as its name, so that every signature says which one it means. */
  resource(resource: LinkedResource): TypeEntity {
    this.resources.push(resource);
    return { kind: "resource", name: String(this.resources.length - 1), identity: resource };
  }
}

/** What an alias means that is none of a core instance's export. */
export function aliased(alias: Alias, scope: Scope): Linked {
  if (alias.target !== "outer") {
    const found = scope.exportsOf(alias.instance).get(alias.name);
    return found ?? decline(`an instance has no export "${alias.name}"`);
  }
  let outer: Scope | undefined = scope;
  for (let count = alias.count; count > 0; count--) outer = outer?.parent;
  return (outer ?? decline("an alias beyond the component")).get(alias.sort, alias.index);
}

/** Something under the name that an import or export gives it. */
export function named(entity: Linked, name: string): Linked {
  return entity.sort === "type" ? { sort: "type", type: withName(entity.type, name) } : entity;
}
