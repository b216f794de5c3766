import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { WeftError } from "../../core/errors.ts";
import type { LuaCall, Returned } from "../../engine/lua/call.ts";
import type { LuaFunction } from "../../engine/lua/module.ts";

const nonceBytes = 12;
const tagBytes = 16;

/** Authenticated ciphers by the lengths of their keys. */
const ciphers = {
  aes: { 16: "aes-128-gcm", 24: "aes-192-gcm", 32: "aes-256-gcm" },
  chacha20: { 32: "chacha20-poly1305" },
} as const satisfies Record<string, Record<number, string>>;

type Family = keyof typeof ciphers;
type Algorithm = "aes-128-gcm" | "aes-192-gcm" | "aes-256-gcm" | "chacha20-poly1305";

function algorithmOf(family: Family, key: Uint8Array): Algorithm {
  const byLength: Readonly<Record<number, Algorithm>> = ciphers[family];
  const found = byLength[key.length];
  if (found !== undefined) return found;
  const lengths = Object.keys(byLength).join(", ");
  throw new WeftError("INVALID_ARGUMENT", `a key of ${family} has ${lengths} bytes, not ${key.length}`);
}

interface Given {
  readonly data: Uint8Array;
  readonly key: Uint8Array;
  /** Bytes that are not hidden but must be the same when decrypting. */
  readonly associated: Uint8Array;
}

function given(call: LuaCall<unknown>): Given {
  const associated = call.has(3) ? call.bytes(3) : new Uint8Array(0);
  return { data: call.bytes(1), key: call.bytes(2), associated };
}

/** Encrypts: the nonce, the hidden text and its tag, one after the other. */
export const encrypt =
  (family: Family): LuaFunction<unknown> =>
  (call): Returned => {
    const { data, key, associated } = given(call);
    const nonce = randomBytes(nonceBytes);
    const options = { authTagLength: tagBytes };
    // Both signatures are the same; TypeScript has one for each family.
    const algorithm = algorithmOf(family, key);
    const cipher =
      algorithm === "chacha20-poly1305"
        ? createCipheriv(algorithm, key, nonce, options)
        : createCipheriv(algorithm, key, nonce, options);
    cipher.setAAD(associated, { plaintextLength: data.length });
    return Uint8Array.from(Buffer.concat([nonce, cipher.update(data), cipher.final(), cipher.getAuthTag()]));
  };

/** Undoes `encrypt`. */
export const decrypt =
  (family: Family): LuaFunction<unknown> =>
  (call): Returned => {
    const { data, key, associated } = given(call);
    const algorithm = algorithmOf(family, key);
    if (data.length < nonceBytes + tagBytes) throw refused("it is too short");
    const nonce = data.subarray(0, nonceBytes);
    const hidden = data.subarray(nonceBytes, -tagBytes);
    const options = { authTagLength: tagBytes };
    const decipher =
      algorithm === "chacha20-poly1305"
        ? createDecipheriv(algorithm, key, nonce, options)
        : createDecipheriv(algorithm, key, nonce, options);
    decipher.setAAD(associated, { plaintextLength: hidden.length });
    decipher.setAuthTag(data.subarray(-tagBytes));
    try {
      return Uint8Array.from(Buffer.concat([decipher.update(hidden), decipher.final()]));
    } catch {
      throw refused("the key or the associated data is another, or it was changed");
    }
  };

function refused(why: string): WeftError {
  return new WeftError("INVALID_ARGUMENT", `this cannot be decrypted: ${why}`);
}
