import { WeftError } from "../../core/errors.ts";

/** The error of a call to an import that no host knows. */
export function missingImport(program: string, module: string, name: string): WeftError {
  const text = module === "" ? name : `${module}.${name}`;
  return new WeftError(
    "TRAP_MISSING_IMPORT",
    `${program}: the guest called the import ${text}, which nothing provides`,
  );
}
