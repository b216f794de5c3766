import type { WitType } from "../types.ts";

// `float32` and `float64` are the names of WIT before 2024.
const simple = {
  bool: { kind: "bool" },
  s8: { kind: "s8" },
  u8: { kind: "u8" },
  s16: { kind: "s16" },
  u16: { kind: "u16" },
  s32: { kind: "s32" },
  u32: { kind: "u32" },
  s64: { kind: "s64" },
  u64: { kind: "u64" },
  f32: { kind: "f32" },
  f64: { kind: "f64" },
  float32: { kind: "f32" },
  float64: { kind: "f64" },
  char: { kind: "char" },
  string: { kind: "string" },
  "error-context": { kind: "error-context" },
  result: { kind: "result" },
  stream: { kind: "stream" },
  future: { kind: "future" },
} as const satisfies Readonly<Record<string, WitType>>;

const byName: ReadonlyMap<string, WitType> = new Map(Object.entries(simple));

/** The types that WIT has words for, for hints. */
export const builtinNames: readonly string[] = [...byName.keys(), "list", "option", "tuple", "own", "borrow"];

/** The type that a word of WIT means without arguments. */
export function builtinType(name: string): WitType | undefined {
  return byName.get(name);
}
