/** The typed arrays whose elements are those of a list of numbers, by the element's type. */
export const numberArrays = {
  s8: Int8Array,
  s16: Int16Array,
  u16: Uint16Array,
  s32: Int32Array,
  u32: Uint32Array,
  s64: BigInt64Array,
  u64: BigUint64Array,
  f32: Float32Array,
  f64: Float64Array,
} as const;

/** A type of numbers that lists may hold as a typed array. */
export type NumberKind = keyof typeof numberArrays;
export type NumberArray =
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** True for a type of numbers that has a typed array of its own. `u8` is not among them: its lists are always bytes. */
export function isNumberKind(kind: string): kind is NumberKind {
  return Object.hasOwn(numberArrays, kind);
}

/** The value itself if it is the typed array of a kind, a copy of it if it shows a part of something larger. */
export function asNumberArray(value: unknown, kind: NumberKind): NumberArray | undefined {
  if (!(value instanceof numberArrays[kind])) return undefined;
  // A hop between threads would clone all that it shows a part of.
  return value.byteLength === value.buffer.byteLength ? value : value.slice();
}
