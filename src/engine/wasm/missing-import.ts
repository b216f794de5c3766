import { WeftError } from "../../core/errors.ts";
import type { InstanceImports } from "./program.ts";

/** What was given for an import. Names that every object inherits, such as `constructor`, are not given by that. */
export function givenImport(given: InstanceImports, module: string, name: string): unknown {
  const own = Object.hasOwn(given, module) ? given[module] : undefined;
  return own === undefined || (name in Object.prototype && !Object.hasOwn(own, name)) ? undefined : own[name];
}

/** The error of a call to an import that no host knows. */
export function missingImport(program: string, module: string, name: string): WeftError {
  const text = module === "" ? name : `${module}.${name}`;
  return new WeftError(
    "TRAP_MISSING_IMPORT",
    `${program}: the guest called the import ${text}, which nothing provides`,
  );
}
