import { resolveId, type EntryId } from "../../core/ids.ts";
import { didYouMean, nearestNames } from "../../core/nearest.ts";
import type { Value } from "../../core/values.ts";
import type { ReadRegistry } from "../../registry/check-entries.ts";
import type { Diagnostic } from "../../registry/diagnostic.ts";
import type { Entry } from "../../registry/entry.ts";
import type { ModuleFolder } from "../../registry/load.ts";
import { problem } from "../../registry/problem.ts";
import type { ReadEntry } from "../../registry/reading/read-entries.ts";
import { fieldsOf, withValue } from "../../registry/with-value.ts";

/** A value that an app gives to a module, by the name of what requires it. */
interface Parameter {
  readonly name: string;
  readonly value: Value;
  /** The folder of the module that it is for; undefined when no folder is known. */
  readonly root: string | undefined;
}

/** Writes what `ns.dependency` entries give into the fields that the modules' `ns.requirement` entries name. */
export function meetRequirements(read: ReadRegistry, modules: readonly ModuleFolder[]): ReadRegistry {
  const requirements = read.entries.filter(({ entry }) => entry.kind === "ns.requirement");
  const dependencies = read.entries.filter(({ entry }) => entry.kind === "ns.dependency");
  if (requirements.length === 0 && dependencies.length === 0) return read;
  const parameters = dependencies.flatMap(({ entry }) => parametersOf(entry, modules));
  const linking = new Linking(read.entries);
  for (const { entry } of requirements) linking.meet(entry, parameters);
  for (const { entry } of dependencies) linking.expectModule(entry, modules);
  return { ...read, entries: linking.entries() };
}

function parametersOf({ data }: Entry, modules: readonly ModuleFolder[]): Parameter[] {
  const root = modules.find(({ name }) => name === data["component"])?.root;
  return listOf(data["parameters"]).flatMap((each) => {
    const { name, value } = fieldsOf(each);
    return typeof name === "string" && value !== undefined ? [{ name, value, root }] : [];
  });
}

function listOf(value: Value | undefined): readonly Value[] {
  return Array.isArray(value) ? value : [];
}

class Linking {
  readonly #entries: Map<EntryId, ReadEntry>;

  constructor(entries: readonly ReadEntry[]) {
    this.#entries = new Map(entries.map((each) => [each.entry.id, each]));
  }

  entries(): readonly ReadEntry[] {
    return [...this.#entries.values()];
  }

  /** Gives a requirement's targets its value. */
  meet(requirement: Entry, parameters: readonly Parameter[]): void {
    const { data, id, namespace, root } = requirement;
    // A bare name may be that of several modules: the folder tells whose it is.
    const given = parameters.findLast(
      ({ name, root: of }) => name === id || (name === requirement.name && (of === undefined || of === root)),
    );
    const value = given?.value ?? data["default"];
    if (value === undefined) {
      const message = `${id} has no value: it has no default, and no ns.dependency gives it one`;
      const hint = `add {name: ${requirement.name}, value: …} to the dependency's parameters`;
      return this.#report(id, problem(requirement, [], { code: "missing-parameter", message, hint }));
    }
    for (const [index, target] of listOf(data["targets"]).entries()) {
      const { entry, path } = fieldsOf(target);
      if (typeof entry !== "string" || typeof path !== "string") continue;
      const wanted = resolveId(entry, namespace);
      const found = this.#entries.get(wanted);
      if (found !== undefined) this.#entries.set(wanted, { ...found, entry: withField(found.entry, path, value) });
      else this.#report(id, this.#noTarget(requirement, ["targets", index, "entry"], wanted));
    }
  }

  /** Says when a dependency's module is nowhere. */
  expectModule(dependency: Entry, modules: readonly ModuleFolder[]): void {
    const component = dependency.data["component"];
    if (typeof component !== "string" || modules.some(({ name }) => name === component)) return;
    const message = `the module ${component} is not here, unpacked: Weft fetches and unpacks none`;
    const hint = `put it in a folder and add {from: ${component}, to: that folder} to \`replacements\` of wippy.lock`;
    const severity = "warning";
    this.#report(
      dependency.id,
      problem(dependency, ["component"], { code: "missing-module", message, hint, severity }),
    );
  }

  #noTarget(requirement: Entry, path: readonly (string | number)[], wanted: EntryId): Diagnostic {
    const near = nearestNames(wanted, this.#entries.keys());
    const hint = didYouMean(near);
    return problem(requirement, path, { code: "unknown-reference", message: `there is no entry ${wanted}`, hint });
  }

  #report(id: EntryId, diagnostic: Diagnostic): void {
    const found = this.#entries.get(id);
    if (found !== undefined) this.#entries.set(id, { ...found, problems: [...found.problems, diagnostic] });
  }
}

/** An entry with a value at a path such as `.meta.server`, `host` or `lifecycle.requires +=`. */
function withField(entry: Entry, path: string, value: Value): Entry {
  const adds = /\s*(?:\+=|\[\])$/.exec(path);
  const plain = adds === null ? path : path.slice(0, adds.index);
  const steps = plain.replace(/^\./, "").split(".");
  const [part = "", ...rest] = steps;
  if (part === "kind" && rest.length === 0) return typeof value === "string" ? { ...entry, kind: value } : entry;
  const inside = part === "meta" || part === "data" ? rest : steps;
  const key = part === "meta" ? "meta" : "data";
  const before = inside.reduce<Value>((found, step) => stepInto(found, step), entry[key]);
  const written = adds === null ? value : [...listOf(before), value];
  return { ...entry, [key]: fieldsOf(withValue(entry[key], inside, written)) };
}

function stepInto(found: Value, step: string): Value {
  return Array.isArray(found) ? (found[Number(step)] ?? null) : (fieldsOf(found)[step] ?? null);
}
