// Seam for generated code: `new Function` gives functions without types. Their source is written by
// read-source.ts and write-source.ts from our own model; names from WIT text enter it only as quoted strings.
import type { Value } from "../../core/values.ts";
import type { WitFunction, WitType } from "../types.ts";
import type { AnyReader, ValueReader, ValueWriter } from "./backend.ts";
import { readHelpers } from "./mismatch.ts";
import { argumentsReader, valueReader, type GeneratedSource } from "./read-source.ts";
import { valueWriter } from "./write-source.ts";

/** Reads one foreign value. Throws `Mismatch`. */
export type Read<Foreign> = (value: Foreign) => Value;
/** Reads a call's arguments. Throws `Mismatch`. */
export type ReadAll<Foreign> = (args: readonly Foreign[]) => Value[];
/** Builds a foreign value from a canonical one. */
export type Write<Foreign> = (value: Value) => Foreign;

type Cache = WeakMap<object, WeakMap<object, unknown>>;

const argumentReaders: Cache = new WeakMap();
const valueReaders: Cache = new WeakMap();
const valueWriters: Cache = new WeakMap();

/** The reader of a signature's arguments, generated once per backend and signature. */
export function generateArguments<F, L, T, K>(reader: ValueReader<F, L, T, K>, signature: WitFunction): ReadAll<F> {
  const make = () => build(argumentsReader(reader, signature), reader);
  return remember(argumentReaders, [reader, signature], make) as ReadAll<F>;
}

/** The reader of one type's values, generated once per backend and type object. */
export function generateReader<F, L, T, K>(reader: ValueReader<F, L, T, K>, type: WitType): Read<F> {
  const make = () => build(valueReader(reader, type), reader);
  return remember(valueReaders, [reader, type], make) as Read<F>;
}

/** The writer of one type's values, generated once per backend and type object. */
export function generateWriter<F, S>(writer: ValueWriter<F, S>, type: WitType): Write<F> {
  const make = () => {
    const { source, constants } = valueWriter(writer, type);
    return new Function("rt", "c", source)(writer, constants) as unknown;
  };
  return remember(valueWriters, [writer, type], make) as Write<F>;
}

function build({ source, constants }: GeneratedSource, reader: AnyReader): unknown {
  return new Function("rt", "h", "c", source)(reader, readHelpers(reader), constants) as unknown;
}

function remember(cache: Cache, [backend, key]: readonly [object, object], make: () => unknown): unknown {
  let known = cache.get(backend);
  if (known === undefined) cache.set(backend, (known = new WeakMap()));
  let made = known.get(key);
  if (made === undefined) known.set(key, (made = make()));
  return made;
}
