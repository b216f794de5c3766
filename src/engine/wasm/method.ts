import { nearestNames } from "../../core/nearest.ts";
import { WeftError } from "../../core/errors.ts";
import { matchName } from "../../wit/names.ts";

/** A method as an author asked for it. */
export interface WantedMethod {
  /** The entry's id. */
  readonly name: string;
  readonly method: string;
}

/** More exports than these make a message unreadable. */
const listedExports = 20;

/**
 * Finds the export that a method means: exactly, without version, in another spelling, or by the end of its name.
 * @throws WeftError `METHOD_NOT_FOUND` that lists the exports, the nearest first.
 */
export function findMethod({ name, method }: WantedMethod, exports: readonly string[]): string {
  const found = matchName(method, exports);
  if (found.kind === "match") return found.name;
  if (found.kind === "ambiguous") {
    const message = `${name}: method "${method}" could be ${quote(found.names)}`;
    throw new WeftError("METHOD_NOT_FOUND", message, { details: { method, exports: found.names } });
  }
  const open = exports.filter((item) => !/^(cabi_|canonical_abi_|_initialize$|__)/.test(item));
  const nearest = found.nearest.length > 0 ? found.nearest : nearestNames(method, open);
  const hint = nearest.length === 0 ? "" : `; did you mean ${quote(nearest)}?`;
  throw new WeftError("METHOD_NOT_FOUND", `${name}: there is no export "${method}"${hint} (${list(open)})`, {
    details: { method, exports: open, nearest },
  });
}

function quote(names: readonly string[]): string {
  return names.map((item) => `"${item}"`).join(" or ");
}

function list(names: readonly string[]): string {
  if (names.length === 0) return "it exports no functions";
  const more = names.length > listedExports ? `, and ${names.length - listedExports} more` : "";
  return `it exports ${names.slice(0, listedExports).join(", ")}${more}`;
}
