import type { Fields, RawFields } from "./fields.ts";
import type { OutgoingContent } from "./outgoing-body.ts";

/** What a head says about the length of its body: undefined when it says nothing, null for nonsense. */
export function contentLength(fields: Fields): bigint | undefined | null {
  if (!fields.has("content-length")) return undefined;
  const text = fields.text("content-length");
  return text !== undefined && /^\d{1,18}$/.test(text) ? BigInt(text) : null;
}

/**
 * The fields of a head with exactly one statement about where its body ends, which is ours: two that differ would let a
 * guest smuggle a second message past whoever reads only one of them.
 */
export function framedHead(fields: Fields, content: OutgoingContent | undefined, noBody: RawFields): string[] {
  const raw = fields.raw();
  const kept = raw.filter((_, at) => raw[at - (at % 2)]?.toLowerCase() !== "content-length");
  return [...kept, ...(content?.framing ?? noBody)];
}
