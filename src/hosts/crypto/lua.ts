import { createHmac, pbkdf2 as derive, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { WeftError } from "../../core/errors.ts";
import type { LuaCall, Returned } from "../../engine/lua/call.ts";
import type { LuaFunction, LuaModule } from "../../engine/lua/module.ts";
import { decrypt, encrypt } from "./cipher.ts";
import { encodeToken, verifyToken } from "./jwt.ts";
import { random } from "./random.ts";

type Call = LuaCall<unknown>;

const hashNames = ["sha1", "sha256", "sha384", "sha512"];
/** What a derivation may cost; a second or so. */
const maxIterations = 10_000_000;
const maxKeyBytes = 1 << 20;

const keyed =
  (algorithm: "sha256" | "sha512"): LuaFunction<unknown> =>
  (call) => {
    const [key, data] = [call.bytes(1), call.bytes(2)];
    if (key.length === 0) throw new WeftError("INVALID_ARGUMENT", "the key is empty");
    return createHmac(algorithm, key).update(data).digest("hex");
  };

const deriveKey = promisify(derive);

/** A key from a password (RFC 8018), on another thread. */
async function pbkdf2(call: Call): Promise<Returned> {
  const [password, salt] = [call.bytes(1), call.bytes(2)];
  const [iterations, length] = [call.integer(3), call.integer(4)];
  const hash = call.has(5) ? call.text(5) : "sha256";
  if (!hashNames.includes(hash)) {
    throw new WeftError("INVALID_ARGUMENT", `"${hash}" is no hash for a key: ${hashNames.join(", ")}`);
  }
  if (iterations < 1 || iterations > maxIterations) {
    throw new WeftError("INVALID_ARGUMENT", `iterations are 1 to ${maxIterations}`);
  }
  if (length < 1 || length > maxKeyBytes)
    throw new WeftError("INVALID_ARGUMENT", `a key has 1 to ${maxKeyBytes} bytes`);
  return Uint8Array.from(await deriveKey(password, salt, iterations, length, hash));
}

function isEqual(call: Call): boolean {
  const [a, b] = [call.bytes(1), call.bytes(2)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Secrets: random numbers, signatures, encryption, tokens, keys from passwords. */
export const cryptoModule: LuaModule<unknown> = {
  name: "crypto",
  always: false,
  table: {
    random,
    hmac: { sha256: keyed("sha256"), sha512: keyed("sha512") },
    encrypt: { aes: encrypt("aes"), chacha20: encrypt("chacha20") },
    decrypt: { aes: decrypt("aes"), chacha20: decrypt("chacha20") },
    jwt: { encode: encodeToken, verify: verifyToken },
    pbkdf2,
    constant_time_compare: isEqual,
  },
};
