import { createHash } from "node:crypto";
import { WeftError } from "../../core/errors.ts";

/** The sha256 of bytes, in lower-case hexadecimal. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/**
 * Checks bytes against a pinned hash, `sha256:<64 hexadecimal digits>`.
 * @throws WeftError `INVALID_HASH` for a hash that cannot be read, `HASH_MISMATCH` for one of other bytes.
 */
export function verifyHash(bytes: Uint8Array, hash: string): void {
  const colon = hash.indexOf(":");
  if (colon < 0) throw new WeftError("INVALID_HASH", `hash "${hash}" is not of the form sha256:<hexadecimal digits>`);
  const algorithm = hash.slice(0, colon);
  const expected = hash.slice(colon + 1).toLowerCase();
  if (algorithm !== "sha256")
    throw new WeftError("INVALID_HASH", `hash algorithm "${algorithm}" is not supported; use sha256`);
  if (!/^[0-9a-f]{64}$/.test(expected)) {
    throw new WeftError("INVALID_HASH", `hash "${hash}" is not of the form sha256:<64 hexadecimal digits>`);
  }
  const actual = sha256(bytes);
  if (actual === expected) return;
  throw new WeftError("HASH_MISMATCH", `the file's hash is sha256:${actual}, expected sha256:${expected}`, {
    details: { actual: `sha256:${actual}`, expected: `sha256:${expected}` },
  });
}
