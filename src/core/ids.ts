import { WeftError } from "./errors.ts";

/** A full entry id, `namespace:name`. The namespace is dot-separated; the name may contain dots. */
export type EntryId = string;

/** The two halves of an id. `namespace` is empty for a relative id. */
export interface IdParts {
  readonly namespace: string;
  readonly name: string;
}

/** Splits an id at its first colon. A text without a colon is a relative id: its namespace is empty. */
export function parseId(text: string): IdParts {
  const colon = text.indexOf(":");
  return colon < 0 ? { namespace: "", name: text } : { namespace: text.slice(0, colon), name: text.slice(colon + 1) };
}

/** Completes a reference: `name` and `:name` take `namespace`, a full id stays as it is. */
export function resolveId(reference: string, namespace: string): EntryId {
  const parts = parseId(reference);
  return parts.namespace === "" ? `${namespace}:${parts.name}` : reference;
}

/**
 * Checks the target of a call, which must be a full id.
 * @throws WeftError `INVALID_ID` when it is empty or lacks its namespace or name.
 */
export function requireFullId(text: unknown): EntryId {
  if (typeof text !== "string" || text === "") throw new WeftError("INVALID_ID", "an entry id is required");
  const { namespace, name } = parseId(text);
  if (namespace === "") {
    throw new WeftError("INVALID_ID", `"${text}" has no namespace: write it as "namespace:${name}"`);
  }
  if (name === "") throw new WeftError("INVALID_ID", `"${text}" has no name after its namespace`);
  return text;
}
