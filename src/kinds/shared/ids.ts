import { z } from "zod";
import { parseId, resolveId, type EntryId } from "../../core/ids.ts";
import type { Entry } from "../../registry/entry.ts";

/** An id as authors write it: `ns:name`, `name`, or `{ns, name}`. */
export type WrittenId = string | { readonly ns?: string | undefined; readonly name: string };

/** The schema of a field that holds an id; the sentence describes the field. */
export function idSchema(description: string): z.ZodType<WrittenId> {
  const text = z
    .string()
    .refine((id) => parseId(id).name.trim() !== "", "an id needs a name: namespace:name, or name alone");
  const parts = z.strictObject({
    ns: z.string().optional().describe("Namespace of the id; the entry's own when it is left out."),
    name: z.string().min(1).describe("Name of the id."),
  });
  return z.union([text, parts]).describe(description);
}

/** The id as one text, as it stands. */
export function idText(id: WrittenId): string {
  if (typeof id === "string") return id;
  return id.ns === undefined || id.ns === "" ? id.name : `${id.ns}:${id.name}`;
}

/** True for `group:NAME` and `ns:NAMESPACE`, which stand for whatever entries there are; services are ordered by them. */
export function namesMany(id: WrittenId): boolean {
  return typeof id === "string" && /^(group|ns):/.test(id);
}

/** The full id that a field of an entry means: a bare name is one of the entry's own namespace. */
export function fullId(id: WrittenId, entry: Entry): EntryId {
  return resolveId(idText(id), entry.namespace);
}
