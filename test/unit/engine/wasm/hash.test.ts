import { expect, test } from "vitest";
import { sha256, verifyHash } from "../../../../src/engine/wasm/hash.ts";
import { failureOf } from "./support.ts";

const bytes = Buffer.from("weft");
const digest = sha256(bytes);

test("the right hash passes, in upper case too", () => {
  verifyHash(bytes, `sha256:${digest}`);
  verifyHash(bytes, `sha256:${digest.toUpperCase()}`);
});

test.each([
  [digest, "INVALID_HASH", "not of the form"],
  [`md5:${digest}`, "INVALID_HASH", '"md5" is not supported'],
  [`SHA256:${digest}`, "INVALID_HASH", "not supported"],
  ["sha256:12", "INVALID_HASH", "64 hexadecimal digits"],
  [`sha256:${"0".repeat(64)}`, "HASH_MISMATCH", digest],
])("%s is refused", async (hash, code, message) => {
  const failure = await failureOf(() => verifyHash(bytes, hash));
  expect(failure.code).toBe(code);
  expect(failure.message).toContain(message);
});
