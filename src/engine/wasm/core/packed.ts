import { cardsOf } from "../limits/cards.ts";
import { WeftError } from "../../../core/errors.ts";
import type { Value } from "../../../core/values.ts";
import type { WitFunction, WitType } from "../../../wit/types.ts";
import type { CoreInfo } from "../inspect/core.ts";
import type { CoreFunctionType, PackedAbi } from "../program.ts";

/**
 * The convention of plain plugins: `allocate(size) -> address`, then `f(address, length) -> (address << 32) | length`. Text
 * or bytes in, text or bytes out; addresses and lengths are 32 or 64 bits wide. Nothing is given back: the instance ends
 * with its call.
 */

const allocators = ["allocate", "alloc"];

/** The convention of an export, if its type and its module's allocator have that form. */
export function findPacked(info: CoreInfo, type: CoreFunctionType): PackedAbi | undefined {
  if (type.params.length !== 2 || !type.params.every(isInteger)) return undefined;
  if (type.results.length !== 1 || type.results[0] !== "i64") return undefined;
  if (!info.exports.some(({ kind }) => kind === "memory") || info.memories[0]?.wide === true) return undefined;
  const found = info.exports.find(
    ({ name, type: of }) =>
      allocators.includes(name) && of?.params.length === 1 && of.results.length === 1 && isInteger(of.results[0]),
  );
  const size = found?.type?.params[0];
  return found === undefined || !isInteger(size) ? undefined : { allocate: found.name, size, params: type.params };
}

/** Whether a signature is one text or bytes in, one text or bytes out. */
export function isTextual({ params, result }: WitFunction): boolean {
  return params.length === 1 && isText(params[0]?.type) && isText(result);
}

function isText(type: WitType | undefined): boolean {
  return type?.kind === "string" || (type?.kind === "list" && type.element.kind === "u8");
}

function isInteger(kind: WebAssembly.ValueKind | undefined): kind is "i32" | "i64" {
  return kind === "i32" || kind === "i64";
}

type Guest = (...args: never[]) => unknown;

/** The functions and the memory of one instance. */
export interface PackedGuest {
  readonly allocate: Guest;
  readonly call: Guest;
  readonly memory: WebAssembly.Memory;
}

/** A call by this convention; what does not fit the memory is a trap. */
export function packedCall(
  { size, params }: PackedAbi,
  signature: WitFunction,
  { allocate, call, memory }: PackedGuest,
): (args: readonly Value[]) => Value | Promise<Value> {
  const asText = signature.result?.kind === "string";
  const lift = (result: unknown): Value => {
    const packed = BigInt.asUintN(64, typeof result === "bigint" ? result : 0n);
    const [at, length] = [Number(packed >> 32n), Number(packed & 0xffff_ffffn)];
    const bytes = within(memory, at, length, "result").slice();
    return asText ? decode(bytes) : bytes;
  };
  return ([value = null]) => {
    const bytes = value instanceof Uint8Array ? value : Buffer.from(typeof value === "string" ? value : "");
    const at = toAddress(Reflect.apply(allocate, undefined, [lane(size, bytes.length)]));
    within(memory, at, bytes.length, "argument").set(bytes);
    cardsOf(memory)?.mark(at, bytes.length);
    const result: unknown = Reflect.apply(call, undefined, [lane(params[0], at), lane(params[1], bytes.length)]);
    return result instanceof Promise ? result.then(lift) : lift(result);
  };
}

function lane(kind: WebAssembly.ValueKind | undefined, number: number): number | bigint {
  return kind === "i64" ? BigInt(number) : number;
}

function toAddress(given: unknown): number {
  return typeof given === "bigint" ? Number(BigInt.asUintN(64, given)) : Number(given) >>> 0;
}

function within({ buffer }: WebAssembly.Memory, at: number, length: number, what: string): Uint8Array {
  if (at + length <= buffer.byteLength) return new Uint8Array(buffer, at, length);
  const message = `the ${what} of ${length} bytes at ${at} does not lie in the guest's memory of ${buffer.byteLength} bytes`;
  throw new WeftError("TRAP_MEMORY_OUT_OF_BOUNDS", message, { details: { at, length } });
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new WeftError("TRAP_INVALID_VALUE", "the guest's result is no valid UTF-8", { cause });
  }
}
