import type { EntryId } from "../../core/ids.ts";
import { programForExport } from "../../engine/wasm/component/prepare.ts";
import type { CoreFunctionType } from "../../engine/wasm/program.ts";
import type { DiagnosticCode } from "../../registry/diagnostic-codes.ts";
import type { Placement } from "../../registry/placement.ts";
import type { WitFunction } from "../../wit/types.ts";
import { servesInterface } from "./links.ts";

/** Who serves an import. */
export interface Callee {
  readonly id: EntryId;
  /** Undefined when it has none, as all that is Lua. */
  readonly signature: WitFunction | undefined;
  /** Of a core function without a signature. */
  readonly coreType: CoreFunctionType | undefined;
  /** What has to be placed beside the entry, because it is not the function that the entry itself calls. */
  readonly part?: Placement;
}

/** Why an entry cannot serve. */
export interface Mistake {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly hint: string | undefined;
}

/** True for the answer about an entry that cannot serve. */
export function isMistake(callee: Callee | Mistake): callee is Mistake {
  return "message" in callee;
}

/** A function entry as a callee; undefined for one that did not load, which is reported where it stands. */
export function functionOf(placement: Placement | undefined): Callee | undefined {
  if (placement === undefined) return undefined;
  const { id, signature, program } = placement;
  return { id, signature, coreType: program.type === "core" ? program.coreType : undefined };
}

interface WantedFunction {
  /** The interface, as the guest imports it. */
  readonly name: string;
  readonly func: WitFunction;
  /** How many functions of the interface are wanted. */
  readonly count: number;
}

/** The function of an entry that serves one of an interface: an export of its component, a field of its Lua table. */
export function interfaceFunctionOf(placement: Placement, wanted: WantedFunction): Callee | Mistake {
  const { program, id, pool } = placement;
  if (program.type === "core") {
    const message = `${id} is a core module, which has no interfaces`;
    return { code: "wrong-reference", message, hint: `name an entry for each function under \`functions\`` };
  }
  if (program.type === "lua") return fieldOf(placement, wanted.func.name.replaceAll("-", "_"));
  const found = program.exports.find(({ name }) => {
    const [from = "", func] = name.split("#");
    return func === wanted.func.name && servesInterface(from, wanted.name);
  });
  if (found === undefined) return notExported(placement, wanted);
  if (program.method === found.name) return { id, signature: found, coreType: undefined };
  if (pool.state === "kept" && wanted.count > 1) {
    const message = `${id} keeps its state, but each function of an interface has instances of its own`;
    return { code: "unsupported-link", message, hint: "remove `state: kept`, or keep the state elsewhere" };
  }
  const partId = `${id}#${found.name}`;
  const part = {
    ...placement,
    id: partId,
    signature: found,
    program: programForExport(program, found),
  };
  return { id: partId, signature: found, coreType: undefined, part };
}

/** The table of a Lua chunk has `_` where WIT has `-`. */
function fieldOf(placement: Placement, field: string): Callee | Mistake {
  const { id, program } = placement;
  if (program.type !== "lua") throw new Error(`${id} is no Lua`);
  const partId = `${id}#${field}`;
  const part: Placement = {
    ...placement,
    id: partId,
    role: "function",
    program: { ...program, name: partId, method: field },
  };
  return { id: partId, signature: undefined, coreType: undefined, part };
}

function notExported({ id, program }: Placement, { name, func }: WantedFunction): Mistake {
  const exports = program.type === "component" ? program.exports.map((item) => item.name) : [];
  const interfaces = [...new Set(exports.flatMap((each) => (each.includes("#") ? [each.split("#")[0] ?? ""] : [])))];
  const serving = interfaces.find((each) => servesInterface(each, name));
  if (serving !== undefined) {
    return { code: "unknown-link", message: `${serving} of ${id} has no function ${func.name}`, hint: undefined };
  }
  const all = interfaces.length === 0 ? "no interface" : interfaces.join(", ");
  return { code: "unknown-link", message: `${id} does not export ${name}`, hint: `it exports ${all}` };
}
