import { limitsMisfit } from "./limits.ts";
import type { ModuleType } from "./module.ts";
import { formatCoreFunction, type CoreEntity, type CoreFunction } from "./types.ts";

/** Why something of the core part cannot stand where another thing is wanted; undefined when it can. */
export function entityMisfit(given: CoreEntity, wanted: CoreEntity): string | undefined {
  if (given.kind !== wanted.kind) return `is a ${wanted.kind}, and is given a ${given.kind}`;
  switch (wanted.kind) {
    case "function":
    case "tag": {
      if (given.kind !== "function" && given.kind !== "tag") return undefined;
      if (isSameCoreFunction(given.type, wanted.type)) return undefined;
      return `should be ${formatCoreFunction(wanted.type)}, but is ${formatCoreFunction(given.type)}`;
    }
    case "table":
      if (given.kind !== "table") return undefined;
      if (given.element !== wanted.element)
        return `is a table of ${wanted.element}, and is given one of ${given.element}`;
      return withWords("table", limitsMisfit(given.limits, wanted.limits));
    case "memory":
      return given.kind === "memory" ? withWords("memory", limitsMisfit(given.limits, wanted.limits)) : undefined;
    case "global": {
      if (given.kind !== "global") return undefined;
      const text = ({ value, mutable }: typeof wanted): string => `${mutable ? "variable" : "constant"} ${value}`;
      return text(given) === text(wanted) ? undefined : `is a ${text(wanted)}, and is given a ${text(given)}`;
    }
  }
}

function withWords(what: string, misfit: string | undefined): string | undefined {
  return misfit && `is a ${what}, and is given one with ${misfit}`;
}

/** Whether two functions have one type. */
export function isSameCoreFunction(a: CoreFunction, b: CoreFunction): boolean {
  if (a.id === b.id) return true;
  // Members of other groups, unless they refer to members of their own, which the text does not tell apart.
  const text = formatCoreFunction(a);
  return text === formatCoreFunction(b) && !text.includes("rec");
}

/**
 * Why a core module cannot stand for one of another type: it may import less than the type says and export more.
 */
export function moduleMisfit(given: ModuleType, wanted: ModuleType): string | undefined {
  for (const { module, name, entity } of given.imports) {
    const offered = wanted.imports.find((item) => item.module === module && item.name === name)?.entity;
    const why = offered === undefined ? "is not among those of the type" : entityMisfit(offered, entity);
    if (why !== undefined) return `whose import "${name}" of "${module}" ${why}`;
  }
  for (const [name, entity] of wanted.exports) {
    const found = given.exports.get(name);
    const why = found === undefined ? "is missing" : entityMisfit(found, entity);
    if (why !== undefined) return `whose export "${name}" ${why}`;
  }
  return undefined;
}
