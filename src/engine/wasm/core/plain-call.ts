import { WeftError } from "../../../core/errors.ts";
import type { Value } from "../../../core/values.ts";
import { numbers } from "../canonical/numbers.ts";
import type { CoreProgram } from "../program.ts";

/** Calls without a WIT signature: numbers in and out, by the export's WebAssembly type. */
export interface PlainCall {
  /** @throws WeftError `INVALID_ARGUMENT` for a wrong number of arguments, or one that is not a number of its type. */
  readonly lower: (args: readonly Value[]) => readonly (number | bigint)[];
  /** A number; an array of several; null for none. */
  readonly lift: (result: unknown) => Value;
}

/** The conversion for a program's export. */
export function plainCall(program: CoreProgram): PlainCall {
  const { params, results } = program.coreType;
  const fail = (message: string): never => {
    const text = `${program.method}(${params.join(", ")})`;
    throw new WeftError("INVALID_ARGUMENT", `${message} (in ${program.name}: ${text})`);
  };
  const [only] = results;
  return {
    lower: (args) => {
      if (args.length !== params.length) fail(`expected ${count(params.length)}, got ${args.length}`);
      return params.map((kind, index) => {
        const lowered = lowerNumber(kind, args[index] ?? null);
        return lowered ?? fail(`argument ${index + 1}: expected ${described(kind)}, got ${show(args[index])}`);
      });
    },
    lift: (result) => {
      if (only === undefined) return null;
      if (results.length === 1) return liftNumber(result);
      return Array.isArray(result) ? result.map(liftNumber) : null;
    },
  };
}

function count(expected: number): string {
  return expected === 1 ? "1 argument" : `${expected} arguments`;
}

function described(kind: WebAssembly.ValueKind): string {
  return kind === "i32" || kind === "i64" ? `an integer (${kind})` : `a number (${kind})`;
}

function show(value: Value | undefined): string {
  return typeof value === "number" || typeof value === "bigint" ? String(value) : value === null ? "nil" : typeof value;
}

/** Signed or unsigned, since WebAssembly's integers have no sign; undefined for what is no number of this type. */
function lowerNumber(kind: WebAssembly.ValueKind, value: Value): number | bigint | undefined {
  const number = typeof value === "boolean" ? Number(value) : value;
  if (typeof number !== "number" && typeof number !== "bigint") return undefined;
  if (kind === "f32" || kind === "f64") return Number(number);
  if (typeof number === "number" && !Number.isInteger(number)) return undefined;
  if (kind === "i32") return number >= -0x8000_0000 && number <= 0xffff_ffff ? Number(number) : undefined;
  const integer = BigInt(number);
  return integer >= -(1n << 63n) && integer < 1n << 64n ? integer : undefined;
}

function liftNumber(value: unknown): Value {
  if (typeof value === "bigint") return numbers.narrow(value);
  return typeof value === "number" ? value : null;
}
