import type { Actor, Scope } from "../core/context.ts";
import { WeftError } from "../core/errors.ts";
import type { Value } from "../core/values.ts";

type Fields = Readonly<Record<string, Value>>;

/** An actor as Lua programs write one: `{id, meta}`. @throws WeftError `INVALID_ARGUMENT`. */
export function readActor({ id, meta }: Fields): Actor {
  if (typeof id !== "string" || id === "") throw new WeftError("INVALID_ARGUMENT", "an actor needs an id");
  return { id, meta: isRecord(meta) ? meta : {} };
}

/** A scope as Lua programs write one: `{policies}`. @throws WeftError `INVALID_ARGUMENT`. */
export function readScope({ policies }: Fields): Scope {
  if (!Array.isArray(policies)) throw new WeftError("INVALID_ARGUMENT", "a scope needs a list of policies");
  return { policies: policies.filter((policy) => typeof policy === "string") };
}

/** A value with named fields. */
export function isRecord(value: Value | undefined): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Map);
}
