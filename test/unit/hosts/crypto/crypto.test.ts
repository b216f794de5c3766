import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { instance } from "../lua/support/instance.ts";

const { run } = instance();
const failure = async (source: string): Promise<unknown> =>
  await run(`local v, e = ${source} return { v == nil, e:kind(), e:message() }`);
const refusal = (message: string) => [true, "Invalid", expect.stringContaining(message)];

test("random bytes, texts and uuids", () => {
  expect(run("return { #crypto.random.bytes(100), #crypto.random.string(50) }")).toEqual([100, 50]);
  expect(run("return crypto.random.string(200, 'äb')")).toMatch(/^[äb]{200}$/);
  expect(run("return uuid.version(crypto.random.uuid())")).toBe(4);
  expect(run("return crypto.random.bytes(32) == crypto.random.bytes(32)")).toBe(false);
});

test.each([
  ["crypto.random.bytes(0)", "a length is 1 to"],
  ["crypto.random.bytes(1048577)", "a length is 1 to"],
  ["crypto.random.string(1, '')", "charset"],
  ["crypto.hmac.sha256('', 'x')", "the key is empty"],
])("%s is refused", async (source, message) => {
  expect(await failure(source)).toEqual(refusal(message));
});

test("signs messages", () => {
  expect(run("return crypto.hmac.sha256('key', 'data')")).toBe(
    createHmac("sha256", "key").update("data").digest("hex"),
  );
  expect(run("return crypto.hmac.sha512('key', 'data')")).toBe(
    createHmac("sha512", "key").update("data").digest("hex"),
  );
});

describe("encryption", () => {
  test.each([
    ["aes", 16],
    ["aes", 24],
    ["aes", 32],
    ["chacha20", 32],
  ])("%s with a key of %i bytes gives back what it hid", (name, length) => {
    const text = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(text, text, fc.uint8Array({ minLength: length, maxLength: length }), (data, associated, key) => {
        const source = `local d, a, k = ...
          local hidden = crypto.encrypt.${name}(d, k, a)
          return { crypto.decrypt.${name}(hidden, k, a) == d, #hidden, hidden ~= crypto.encrypt.${name}(d, k, a) }`;
        expect(run(source, data, associated, key)).toEqual([true, data.length + 28, true]);
      }),
      { numRuns: 25 },
    );
  });

  test.each([
    ["crypto.encrypt.aes('x', 'short')", "a key of aes has 16, 24, 32 bytes, not 5"],
    ["crypto.encrypt.chacha20('x', string.rep('k', 16))", "has 32 bytes"],
    ["crypto.decrypt.aes('x', string.rep('k', 16))", "too short"],
    ["crypto.decrypt.aes(crypto.encrypt.aes('x', string.rep('k', 16)), string.rep('l', 16))", "cannot be decrypted"],
    ["crypto.decrypt.aes(crypto.encrypt.aes('x', string.rep('k', 16), 'a'), string.rep('k', 16), 'b')", "cannot"],
    [
      "crypto.decrypt.chacha20(crypto.encrypt.chacha20('x', string.rep('k', 32)) .. 'y', string.rep('k', 32))",
      "cannot",
    ],
  ])("%s is refused", async (source, message) => {
    expect(await failure(source)).toEqual(refusal(message));
  });
});

describe("tokens", () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const base64 = (text: string): string => Buffer.from(text).toString("base64url");
  const later = "os.time() + 60";

  test.each(["HS256", "HS384", "HS512"])("%s", (name) => {
    const source = `local t = crypto.jwt.encode({ sub = "ann", ids = { 1, 2 }, exp = ${later} }, "key", "${name}")
      local claims = crypto.jwt.verify(t, "key", "${name}")
      return { claims.sub, claims.ids }`;
    expect(run(source)).toEqual(["ann", [1, 2]]);
  });

  test("RS256, with the public key alone", () => {
    const source = `local private, public = ...
      local t = crypto.jwt.encode({ sub = "ann", exp = ${later} }, private, "RS256")
      return crypto.jwt.verify(t, public, "RS256").sub`;
    expect(run(source, privateKey, publicKey)).toBe("ann");
  });

  test("are as others make them", () => {
    const body = `${base64('{"alg":"RS256","typ":"JWT"}')}.${base64('{"sub":"bob"}')}`;
    const token = `${body}.${sign("sha256", Buffer.from(body), privateKey).toString("base64url")}`;
    expect(run("local t, k = ... return crypto.jwt.verify(t, k, 'RS256', false).sub", token, publicKey)).toBe("bob");
    expect(run("return crypto.jwt.encode({}, 'k')")).toMatch(/^eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9\.e30\./);
  });

  test("one that is signed with the public key as a secret is refused", () => {
    const body = `${base64('{"alg":"HS256","typ":"JWT"}')}.${base64('{"sub":"eve"}')}`;
    const token = `${body}.${createHmac("sha256", publicKey).update(body).digest("base64url")}`;
    expect(
      run("local t, k = ... local v, e = crypto.jwt.verify(t, k, 'RS256', false) return e:message()", token, publicKey),
    ).toContain("not signed with RS256");
  });

  const signed = (claims: string): string => `crypto.jwt.encode(${claims}, "key")`;
  test.each([
    [`crypto.jwt.verify(${signed("{ sub = 'x' }")}, "key")`, "has no exp"],
    [`crypto.jwt.verify(${signed("{ exp = os.time() - 1 }")}, "key")`, "has expired"],
    [`crypto.jwt.verify(${signed(`{ exp = ${later}, nbf = ${later} }`)}, "key")`, "has not begun"],
    [`crypto.jwt.verify(${signed(`{ exp = ${later} }`)}, "other")`, "signature is wrong"],
    [`crypto.jwt.verify(${signed(`{ exp = ${later} }`)} .. "x", "key")`, "signature is wrong"],
    [`crypto.jwt.verify(${signed(`{ exp = ${later} }`)}, "key", "HS512")`, "not signed with HS512"],
    [`crypto.jwt.verify("${base64('{"alg":"none"}')}.${base64("{}")}.", "key", "none")`, "no algorithm of a token"],
    [`crypto.jwt.verify("${base64('{"alg":"none"}')}.${base64("{}")}.", "key")`, "not signed with HS256"],
    [`crypto.jwt.verify("a.b", "key")`, "three parts"],
    [`crypto.jwt.verify("a.b.c", "key")`, "not JSON"],
    [`crypto.jwt.encode({}, "")`, "the key is empty"],
    [`crypto.jwt.encode({}, "no key", "RS256")`, "no RSA key"],
  ])("%s is refused", async (source, message) => {
    expect(await failure(source)).toEqual(refusal(message));
  });
});

test("derives keys from passwords", async () => {
  // RFC 6070, the second vector.
  expect(await run("local k = crypto.pbkdf2('password', 'salt', 2, 20, 'sha1') return k")).toEqual(
    Uint8Array.from(Buffer.from("ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957", "hex")),
  );
  expect(await failure("crypto.pbkdf2('p', 's', 0, 20)")).toEqual(refusal("iterations"));
  expect(await failure("crypto.pbkdf2('p', 's', 1, 0)")).toEqual(refusal("a key has"));
  expect(await failure("crypto.pbkdf2('p', 's', 1, 1, 'md5')")).toEqual(refusal("no hash"));
});

test("compares in constant time", () => {
  expect(run("local c = crypto.constant_time_compare return { c('a', 'a'), c('a', 'b'), c('a', 'ab') }")).toEqual([
    true,
    false,
    false,
  ]);
});
