import type { Actor, Scope } from "../../core/context.ts";
import type { EntryId } from "../../core/ids.ts";
import { Policy, type Decision } from "./policy.ts";
import { Program } from "./program.ts";
import type { PolicySpec, SecuritySettings } from "./spec.ts";
import type { Attributes } from "./subject.ts";

/** Actions whose policies a scope remembers; programs may ask for any. */
const rememberedActions = 256;
/** Scopes that are remembered by what they hold: each hop between threads makes a new object of the same one. */
const rememberedScopes = 256;

/** A scope, compiled: a program for each set of policies that an action concerns. */
export class CompiledScope {
  readonly #policies: readonly Policy[];
  readonly #byAction = new Map<string, Program>();
  /** Most actions concern the same few sets of policies. */
  readonly #bySet = new Map<string, Program>();
  /** A policy that must be known and is not: nothing is allowed then. */
  readonly #missing: EntryId | undefined;

  constructor(policies: readonly Policy[], missing: EntryId | undefined) {
    this.#policies = policies;
    this.#missing = missing;
  }

  /** What the policies say. Makes no objects once it was asked for the action. */
  decide(actor: Actor, action: string, resource: string, meta: Attributes | undefined): Decision {
    if (this.#missing !== undefined) return "deny";
    const program = this.#byAction.get(action) ?? this.#compile(action);
    return program.first(actor, action, resource, meta)?.effect ?? "undefined";
  }

  /** The policy that denies it; undefined when none does, which may still be a denial. */
  denying(actor: Actor, action: string, resource: string, meta: Attributes | undefined): EntryId | undefined {
    if (this.#missing !== undefined) return this.#missing;
    const first = (this.#byAction.get(action) ?? this.#compile(action)).first(actor, action, resource, meta);
    return first?.effect === "deny" ? first.id : undefined;
  }

  #compile(action: string): Program {
    if (this.#byAction.size >= rememberedActions) {
      this.#byAction.clear();
      this.#bySet.clear();
    }
    const concerned = this.#policies.filter((policy) => policy.concerns(action));
    const set = concerned.map((policy) => this.#policies.indexOf(policy)).join(",");
    const program = this.#bySet.get(set) ?? new Program(concerned);
    this.#bySet.set(set, program);
    this.#byAction.set(action, program);
    return program;
  }
}

/** The app's policies, as one thread knows them. */
export class Policies {
  #strict = false;
  #policies: ReadonlyMap<EntryId, Policy> = new Map();
  #groups: ReadonlyMap<string, readonly EntryId[]> = new Map();
  #broken: ReadonlySet<EntryId> = new Set();
  #scopes = new WeakMap<Scope, CompiledScope>();
  #byContent = new Map<string, CompiledScope>();

  /** Takes the policies that hold from now on. */
  replace({ policies, broken, strict }: SecuritySettings): void {
    this.#strict = strict;
    this.#policies = new Map(policies.map((spec) => [spec.id, new Policy(spec, { strict })]));
    this.#groups = groupsOf(policies);
    this.#broken = new Set(broken);
    this.#scopes = new WeakMap();
    this.#byContent.clear();
  }

  get isStrict(): boolean {
    return this.#strict;
  }

  get(id: EntryId): Policy | undefined {
    return this.#policies.get(id);
  }

  /** Every policy that is known. */
  ids(): Iterable<EntryId> {
    return this.#policies.keys();
  }

  /** The policies of a group, by its full name; undefined when none is in it. */
  group(name: string): readonly EntryId[] | undefined {
    return this.#groups.get(name);
  }

  /** The ids of all policies in a scope, those of its groups included. */
  members({ policies, groups = [] }: Scope): readonly EntryId[] {
    if (groups.length === 0) return policies;
    return [...new Set([...policies, ...groups.flatMap((name) => this.group(name) ?? [])])];
  }

  /** The scope in the form that decides. */
  compiled(scope: Scope): CompiledScope {
    let found = this.#scopes.get(scope);
    if (found === undefined) {
      const { policies, groups = [] } = scope;
      // The numbers keep apart what programs make up: an id with a line break in it is not two.
      const content = [policies.length, groups.length, ...policies, ...groups].join("\n");
      found = this.#byContent.get(content) ?? this.#compile(scope);
      if (this.#byContent.size >= rememberedScopes) this.#byContent.clear();
      this.#byContent.set(content, found);
      this.#scopes.set(scope, found);
    }
    return found;
  }

  /** A policy that is gone says nothing any more; one that is broken, or unknown in strict mode, might have denied. */
  #compile(scope: Scope): CompiledScope {
    const policies = this.members(scope);
    const missing = policies.find((id) => this.#broken.has(id) || (this.#strict && !this.#policies.has(id)));
    const known = [...new Set(policies)].flatMap((id) => this.#policies.get(id) ?? []);
    return new CompiledScope(known, missing);
  }
}

function groupsOf(policies: readonly PolicySpec[]): ReadonlyMap<string, readonly EntryId[]> {
  const groups = new Map<string, EntryId[]>();
  for (const { id, groups: names } of policies) {
    for (const name of names) groups.set(name, [...(groups.get(name) ?? []), id]);
  }
  return groups;
}
