import type { Value } from "../core/values.ts";
import type { EntryView } from "../hosts/ports.ts";
import type { RegistryKeeper, RegistryRequest, WantedEntry } from "../hosts/registry/service.ts";
import { diffEntries } from "../registry/live/diff.ts";
import type { Version } from "../registry/live/history.ts";
import type { Change } from "../registry/live/change.ts";
import type { LiveRegistry } from "./live.ts";

/** Answers what programs ask of the registry while it runs. `registry` is asked for with each question. */
export function registryKeeper(registry: () => LiveRegistry): RegistryKeeper {
  return { ask: (request) => answer(registry(), request) };
}

async function answer(registry: LiveRegistry, request: RegistryRequest): Promise<Value> {
  switch (request.do) {
    case "current":
      return versionValue(registry, registry.version);
    case "versions":
      return registry.history().map(plainVersion);
    case "entries":
      return registry.snapshot(request.version).entries().map(plainEntry);
    case "get": {
      const found = registry.snapshot(request.version).get(request.id);
      return found === undefined ? null : plainEntry(found);
    }
    case "namespace":
      return registry.snapshot(request.version).namespace(request.namespace).map(plainEntry);
    case "find":
      return registry.snapshot(request.version).find(request.filter).map(plainEntry);
    case "apply":
      return versionValue(registry, await registry.apply(request.changes, { base: request.base, from: request.root }));
    case "apply-version":
      return versionValue(registry, await registry.applyVersion(request.version, { from: request.root }));
    case "delta":
      return diffEntries(byId(request.from), byId(request.to)).map(plainChange);
  }
}

function versionValue(registry: LiveRegistry, version: number): Value {
  const found = registry.describeVersion(version);
  return found === undefined ? { id: version } : plainVersion(found);
}

function plainVersion({ id, previous }: Version): Value {
  return { id, previous: previous ?? null };
}

function plainEntry({ id, kind, meta, data }: EntryView): Value {
  return { id, kind, meta, data };
}

/** A change as `changes:ops()` shows it. */
function plainChange(change: Change): Value {
  if (change.op === "delete") return { kind: "entry.delete", entry: { id: change.id } };
  const { id, kind, meta = {}, data = {} } = change.entry;
  return { kind: `entry.${change.op}`, entry: { id, kind, meta, data } };
}

function byId(entries: readonly WantedEntry[]): ReadonlyMap<string, EntryView> {
  return new Map(entries.map((entry) => [entry.id, entry]));
}
