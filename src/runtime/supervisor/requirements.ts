import { parseId, type EntryId } from "../../core/ids.ts";
import type { ServiceSpec } from "../../registry/service.ts";

/** What is to be known of a service to say what it requires. */
export interface Requiring {
  readonly id: EntryId;
  readonly spec: Pick<ServiceSpec, "requires" | "groups">;
}

/** The services that one requires: those that it names, and all of a group or namespace but those that need it in turn. */
export function requirementsOf<S extends Requiring>(service: S, all: ReadonlyMap<EntryId, S>): readonly S[] {
  return [...new Set(service.spec.requires.flatMap((name) => meant(service, name, all)))];
}

function meant<S extends Requiring>(service: S, name: string, all: ReadonlyMap<EntryId, S>): readonly S[] {
  const named = all.get(name);
  if (named !== undefined) return [named];
  return membersOf(name, all).filter((member) => !needs(member, service, all));
}

/** The services of `group:NAME` or `ns:NAMESPACE`. */
function membersOf<S extends Requiring>(name: string, all: ReadonlyMap<EntryId, S>): readonly S[] {
  const [, sort, what = ""] = /^(group|ns):(.+)$/.exec(name) ?? [];
  if (sort === undefined) return [];
  return [...all.values()].filter(({ id, spec }) =>
    sort === "group" ? spec.groups.includes(what) : parseId(id).namespace === what,
  );
}

/** Whether `service` is `other`, or requires it, however far away. */
function needs<S extends Requiring>(service: S, other: S, all: ReadonlyMap<EntryId, S>): boolean {
  const seen = new Set([service]);
  for (const each of seen) {
    if (each === other) return true;
    for (const name of each.spec.requires) {
      const named = all.get(name);
      for (const needed of named === undefined ? membersOf(name, all) : [named]) seen.add(needed);
    }
  }
  return false;
}
