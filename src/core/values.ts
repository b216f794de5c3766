import type { WireError } from "./errors.ts";

/**
 * What crosses a call between entries without a WIT signature, and between threads: structured-clonable data.
 *
 * - nil is `null`; integers beyond ±(2^53-1) are `bigint`.
 * - A Lua string is a `string` when it is valid UTF-8, else a `Uint8Array`; both become a Lua string again.
 * - A Lua sequence is an array, the empty table an empty array, a table with only string keys a plain object,
 *   any other table a `Map`.
 * - An error object is its wire form (`WireError`), and becomes an error object again.
 *
 * Values of WIT types use the subset that `wit/values.ts` documents, so a callee's result is a `Value` whatever it is.
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | WireError
  | readonly Value[]
  | { readonly [key: string]: Value }
  | ReadonlyMap<Value, Value>;
