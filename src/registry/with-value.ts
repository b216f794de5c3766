import type { Value } from "../core/values.ts";

/** A copy with another value at a path; what is missing on the way there is made. */
export function withValue(holder: Value, [step, ...rest]: readonly string[], value: Value): Value {
  if (step === undefined) return value;
  if (Array.isArray(holder) && /^\d+$/.test(step)) {
    const list: Value[] = [...holder];
    list[Number(step)] = withValue(list[Number(step)] ?? null, rest, value);
    return list;
  }
  const fields = fieldsOf(holder);
  return { ...fields, [step]: withValue(fields[step] ?? null, rest, value) };
}

/** A mapping's fields; anything else has none. */
export function fieldsOf(value: Value): Readonly<Record<string, Value>> {
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Map) return {};
  return Object.fromEntries(Object.entries(value));
}
