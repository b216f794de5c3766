import type { NumberArray, NumberKind } from "./number-arrays.ts";

/**
 * How values are held outside Weft: as JavaScript values, or as Lua tables. A backend is a bag of small functions that
 * use no `this`; the generator (`read-source.ts`, `write-source.ts`) writes straight-line code that calls them, so the
 * walk over types, the error paths and the rules for options, cases and names are written once.
 */

/**
 * Reads foreign values. Every reader answers `undefined` for a value that is not of its sort; the generated code
 * then throws the error with its path. `List`, `Table` and `Key` are whatever makes `item` and `field` cheap.
 */
export interface ValueReader<Foreign, List, Table, Key> {
  /** What the first element of a list is called in error paths. */
  readonly indexBase: 0 | 1;
  /** Stands for an argument that was left out. */
  readonly nil: Foreign;
  isNil(value: Foreign): boolean;
  bool(value: Foreign): boolean | undefined;
  /** An exact integer: a number if it is safe (never -0), else a bigint. Strings are not integers. */
  integer(value: Foreign): number | bigint | undefined;
  /** The same for 64-bit types, which decimal strings may spell. Range is checked by the generated code. */
  long(value: Foreign, unsigned: boolean): number | bigint | undefined;
  float(value: Foreign): number | undefined;
  /** A well-formed string. */
  text(value: Foreign): string | undefined;
  /** What can be bytes as a whole: a string, a byte array. A list of numbers is read through `list`. */
  bytes(value: Foreign): Uint8Array | undefined;
  /** What is a list of such numbers as a whole, and needs no look at each; other lists are read through `list`. */
  numbers?(value: Foreign, kind: NumberKind): NumberArray | undefined;
  /** A resource, stream or future, passed on untouched. */
  handle(value: Foreign, resource: string): unknown;
  /** A value that can be read by position. Not one with named fields; the empty table is a list and a table. */
  list(value: Foreign): List | undefined;
  length(list: List): number;
  /** The element at a position from 0. */
  item(list: List, index: number): Foreign;
  /** A value that can be read by name. */
  table(value: Foreign): Table | undefined;
  /** Prepares the look-up of one field, once per signature: the spellings that mean it, the WIT name first. */
  key(spellings: readonly string[]): Key;
  /** The field's value, or nil. */
  field(table: Table, key: Key): Foreign;
  /** The value under one spelling or undefined, for code from `source`. */
  live?(table: Table, name: string): Foreign | undefined;
  /** The names that have a value, for flags and messages. */
  names(table: Table): readonly string[];
  /** The case of a variant, result or nested option: a string itself, or the only name in a table. */
  caseName(value: Foreign): string | undefined;
  /** What stands under that name; nil for a string. */
  casePayload(value: Foreign, name: string): Foreign;
  /** What came, for a message: `number 7`, `string "abc"`, `list of 3`. Short whatever the value. */
  describe(value: Foreign): string;
  /** Replaces calls of `item` and `field` in the generated code by faster expressions; all names come JSON-quoted. */
  readonly source?: {
    item(list: string, index: string): string;
    field(table: string, spellings: readonly string[]): string;
  };
}

/** Builds foreign values from canonical ones, which it may trust. */
export interface ValueWriter<Foreign, Shape> {
  readonly nil: Foreign;
  bool(value: boolean): Foreign;
  integer(value: number): Foreign;
  /** A 64-bit integer: a safe number or a bigint, `u64` above 2^63-1 included. */
  long(value: number | bigint): Foreign;
  float(value: number): Foreign;
  text(value: string): Foreign;
  bytes(value: Uint8Array): Foreign;
  handle(value: unknown, resource: string): Foreign;
  /** Takes the array over. Elements of an option type may be nil. */
  list(items: Foreign[]): Foreign;
  /** Prepares tables with these names, once per signature. */
  shape(names: readonly string[]): Shape;
  /** A table with the shape's names in their order; nil values are fields that are not there. */
  table(shape: Shape, values: readonly Foreign[]): Foreign;
  /** True when a field can hold nil. If not, a case whose payload is none is written as its bare name. */
  readonly keepsNil: boolean;
}

/** A reader whatever its type parameters. Methods are bivariant, so every reader is one. */
export type AnyReader = ValueReader<unknown, unknown, unknown, unknown>;

/** A writer whatever its type parameters. */
export type AnyWriter = ValueWriter<unknown, unknown>;
