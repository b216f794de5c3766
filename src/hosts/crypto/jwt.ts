import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  sign,
  timingSafeEqual,
  verify,
  type KeyObject,
} from "node:crypto";
import { WeftError } from "../../core/errors.ts";
import { toValue, type Value } from "../../core/values.ts";
import { LuaResults, type LuaCall, type Returned } from "../../engine/lua/call.ts";
import { decodeJson, encodeJson } from "../../engine/lua/values/json.ts";

type Call = LuaCall<unknown>;

const hashes = { HS256: "sha256", HS384: "sha384", HS512: "sha512", RS256: "sha256" } as const;
type Algorithm = keyof typeof hashes;

/** JSON Web Tokens (RFC 7519) are texts of three parts; longer ones than this are refused. */
const tokenLength = 1 << 20;

function algorithm(call: Call, index: number): Algorithm {
  const name = call.has(index) ? call.text(index) : "HS256";
  if (isAlgorithm(name)) return name;
  throw new WeftError("INVALID_ARGUMENT", `"${name}" is no algorithm of a token: ${Object.keys(hashes).join(", ")}`);
}

function isAlgorithm(name: string): name is Algorithm {
  return Object.hasOwn(hashes, name);
}

/** Signs claims. */
export function encodeToken(call: Call): Returned {
  const { lua } = call.runtime;
  const key = call.bytes(2);
  const name = algorithm(call, 3);
  call.record(1);
  const claims = lua.text(encodeJson(lua, call.keep(1).value)) ?? "";
  const body = `${base64(JSON.stringify({ alg: name, typ: "JWT" }))}.${base64(claims === "[]" ? "{}" : claims)}`;
  return `${body}.${signature(name, key, body).toString("base64url")}`;
}

/** The claims of a token that is signed with the key and in its time. */
export function verifyToken(call: Call): Returned {
  const token = call.text(1);
  const key = call.bytes(2);
  const name = algorithm(call, 3);
  const requiresExpiry = !call.has(4) || call.truthy(4);
  const [header, claims, signed, ...more] = token.length > tokenLength ? [] : token.split(".");
  if (header === undefined || claims === undefined || signed === undefined || more.length > 0) {
    throw refused("it has not three parts");
  }
  // The algorithm is the caller's choice alone: a token that could choose it could choose one that it can forge.
  const written = readPart(header)["alg"];
  if (written !== name) throw refused(`it is not signed with ${name}`);
  if (!isSigned({ name, key, body: `${header}.${claims}`, signed: Buffer.from(signed, "base64url") })) {
    throw refused("its signature is wrong");
  }
  checkTimes(readPart(claims), requiresExpiry);
  const text = Uint8Array.from(Buffer.from(claims, "base64url"));
  return new LuaResults([decodeJson(call.runtime.lua, text).value]);
}

function checkTimes({ exp, nbf }: Readonly<Record<string, Value>>, requiresExpiry: boolean): void {
  const now = Date.now() / 1_000;
  if (exp === undefined && requiresExpiry) throw refused("it has no exp, the time when it ends");
  if (exp !== undefined && !(typeof exp === "number" && now < exp)) throw refused("it has expired");
  if (nbf !== undefined && !(typeof nbf === "number" && now >= nbf)) throw refused("its time has not begun");
}

function readPart(part: string): Readonly<Record<string, Value>> {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(part, "base64url").toString());
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) {
      return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, toValue(value, name)]));
    }
  } catch (error) {
    throw refused("a part of it is not JSON", error);
  }
  throw refused("a part of it is no object");
}

function signature(name: Algorithm, key: Uint8Array, body: string): Buffer {
  if (name !== "RS256") return createHmac(hashes[name], requireSecret(key)).update(body).digest();
  return sign(
    hashes[name],
    Buffer.from(body),
    readKey(() => createPrivateKey(Buffer.from(key))),
  );
}

interface Signed {
  readonly name: Algorithm;
  readonly key: Uint8Array;
  readonly body: string;
  readonly signed: Uint8Array;
}

function isSigned({ name, key, body, signed }: Signed): boolean {
  if (name === "RS256") {
    return verify(
      hashes[name],
      Buffer.from(body),
      readKey(() => createPublicKey(Buffer.from(key))),
      signed,
    );
  }
  const expected = signature(name, key, body);
  return expected.length === signed.length && timingSafeEqual(expected, signed);
}

function requireSecret(key: Uint8Array): Uint8Array {
  if (key.length === 0) throw new WeftError("INVALID_ARGUMENT", "the key is empty");
  return key;
}

function readKey(read: () => KeyObject): KeyObject {
  try {
    const key = read();
    if (key.asymmetricKeyType === "rsa") return key;
  } catch (error) {
    throw new WeftError("INVALID_ARGUMENT", "the key is no RSA key in PEM form", { cause: error });
  }
  throw new WeftError("INVALID_ARGUMENT", "the key is no RSA key in PEM form");
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64url");
}

function refused(why: string, cause?: unknown): WeftError {
  return new WeftError("INVALID_ARGUMENT", `the token is not valid: ${why}`, { cause });
}
