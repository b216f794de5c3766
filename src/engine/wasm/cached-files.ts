import { sha256 } from "./hash.ts";

/** Files of one entry of a cache, by name. */
export type CachedFiles = Readonly<Record<string, Uint8Array>>;

const digestLength = 64;

/** A digest of all that follows; one line that lists names and lengths; the files one after the other. */
export function pack(files: CachedFiles): Buffer {
  const entries = Object.entries(files);
  const header = JSON.stringify(entries.map(([name, bytes]) => [name, bytes.length]));
  const body = Buffer.concat([Buffer.from(`${header}\n`), ...entries.map(([, bytes]) => bytes)]);
  return Buffer.concat([Buffer.from(sha256(body)), body]);
}

/** Undefined when a byte of it is not as it was written. */
export function unpack(packed: Buffer): CachedFiles | undefined {
  const body = packed.subarray(digestLength);
  if (packed.subarray(0, digestLength).toString("latin1") !== sha256(body)) return undefined;
  const end = body.indexOf("\n");
  const header: unknown = JSON.parse(body.subarray(0, end).toString("utf8"));
  if (!Array.isArray(header)) return undefined;
  const files: Record<string, Uint8Array> = {};
  let at = end + 1;
  for (const entry of header) {
    const [name, length]: unknown[] = Array.isArray(entry) ? entry : [];
    if (typeof name !== "string" || typeof length !== "number") return undefined;
    files[name] = body.subarray(at, at + length);
    at += length;
  }
  return files;
}
