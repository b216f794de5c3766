import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { WeftError } from "../../../../src/core/errors.ts";
import { Services } from "../../../../src/hosts/services.ts";
import { validateToken, type TokenRequest, type TokenStoreSpec } from "../../../../src/hosts/security/tokens.ts";
import { silentLog } from "../../../../src/core/log.ts";
import { ada, lua, policy, running } from "./support/app.ts";

const id = "t:tokens";

const given = { policies: ["t:all"], groups: ["t:users"] };

/** Services with a store and a token store, and ways to ask the latter. */
function opened(spec: Partial<TokenStoreSpec> = {}) {
  const services = new Services({ log: silentLog, call: async () => null, describe: () => undefined });
  services.add("t:kept", { service: "store", spec: { maxSize: 10, cleanupMs: 60_000 } });
  services.add(id, { service: "tokens", spec: { store: "t:kept", length: 32, expirationMs: 60_000, ...spec } });
  const ask = async (request: TokenRequest) => await services.ask({ service: "tokens", request });
  const create = async (expirationMs?: number): Promise<string> => {
    const actor = { id: "ada", meta: ada.meta };
    const token = await ask({ do: "create", id, actor, scope: given, meta: {}, expirationMs });
    return typeof token === "string" ? token : "";
  };
  const validate = (token: string) => validateToken((question) => services.ask(question), id, token);
  return { services, ask, create, validate, [Symbol.asyncDispose]: () => services[Symbol.asyncDispose]() };
}

test("a token is 32 random bytes in padded base64url, and stands for its actor and scope", async () => {
  await using store = opened();
  const token = await store.create();
  expect(token).toMatch(/^[A-Za-z0-9_-]{43}=$/);
  expect(await store.create()).not.toBe(token);
  expect(await store.validate(token)).toEqual({
    actor: { id: "ada", meta: ada.meta },
    scope: given,
  });
});

test("with a key, a token is signed with HMAC-SHA256, and the store holds no signature", async () => {
  await using store = opened({ key: "secret" });
  const token = await store.create();
  const [random = "", signed] = token.split(".");
  const expected = createHmac("sha256", "secret")
    .update(random)
    .digest("base64")
    .replaceAll("+", "-")
    .replaceAll("/", "_");
  expect(signed).toBe(expected);
  expect(await store.validate(token)).toMatchObject({ actor: { id: "ada" } });
  expect(await store.services.ask({ service: "store", request: { do: "list", id: "t:kept", prefix: "" } })).toEqual([
    random,
  ]);
});

test.each([
  ["the random part alone", (token: string) => token.split(".")[0] ?? ""],
  ["another signature", (token: string) => `${token.split(".")[0]}.${"A".repeat(43)}=`],
  ["a signature too short", (token: string) => token.slice(0, -1)],
  ["something after it", (token: string) => `${token}.x`],
  ["another token's signature", (token: string) => `B${token.slice(1)}`],
  ["nothing", () => ""],
  ["a very long text", () => "A".repeat(1_000_000)],
])("%s is no token of a store that signs", async (_what, spoil) => {
  await using store = opened({ key: "secret" });
  const token = await store.create();
  expect(await store.validate(spoil(token))).toBeUndefined();
  expect(await store.validate(token)).toBeDefined();
});

test("the key comes from a variable, and without one nothing is signed with nothing", async () => {
  await using store = opened({ keyVariable: "KEY" });
  await expect(store.create()).rejects.toMatchObject({ code: "VARIABLE_NOT_FOUND" });
  store.services.add("t:static", { service: "env", spec: { type: "static", values: { KEY: "secret", NONE: "" } } });
  const variable = { type: "variable", key: "KEY", storage: "t:static", default: undefined, readOnly: true } as const;
  store.services.add("t:key", { service: "env", spec: { ...variable, publicName: "KEY" } });
  expect((await store.create()).split(".")).toHaveLength(2);
  store.services.add("t:key", { service: "env", spec: { ...variable, key: "NONE", publicName: "KEY" } });
  await expect(store.create()).rejects.toMatchObject({ code: "VARIABLE_NOT_FOUND", message: /is empty/ });
});

test("a token ends: when it is revoked, when its time is over", async () => {
  await using store = opened();
  const [revoked, short] = [await store.create(), await store.create(1)];
  expect(await store.ask({ do: "revoke", id, token: revoked })).toBe(true);
  expect(await store.ask({ do: "revoke", id, token: revoked })).toBe(false);
  expect(await store.validate(revoked)).toBeUndefined();
  await expect.poll(() => store.validate(short)).toBeUndefined();
  await expect(store.ask({ do: "validate", id, token: short })).rejects.toMatchObject({
    code: "TOKEN_INVALID",
    kind: "PermissionDenied",
  });
});

test("whatever else is in the store is no token", async () => {
  await using store = opened();
  const key = "A".repeat(44);
  const set = { do: "set", id: "t:kept", key, value: { actor: { id: "eve" } }, ttlMs: undefined } as const;
  await store.services.ask({ service: "store", request: set });
  expect(await store.validate(key)).toBeUndefined();
});

test("a door hears of a store that is missing", async () => {
  await using store = opened();
  store.services.remove(id, "tokens");
  await expect(store.validate("x")).rejects.toThrow(WeftError);
});

test("a program that was given a token acts by the policies of the moment", async () => {
  const app = [
    policy("all", {}),
    { name: "kept", kind: "store.memory" },
    { name: "tokens", kind: "security.token_store", store: "kept", token_key: "secret", default_expiration: "1h" },
    lua(
      "login",
      `local tokens = assert(security.token_store("t:tokens"))
      return tokens:create(security.new_actor("ada", { role = "user" }), security.new_scope({ assert(security.policy("all")) }), { expiration = "30s", meta = { from = "here" } })`,
    ),
    lua(
      "who",
      `local tokens = assert(security.token_store("tokens"))
      local actor, scope, err = tokens:validate(...)
      if err then return { err = err:kind(), nils = actor == nil and scope == nil } end
      return { id = actor:id(), role = actor:meta().role, all = scope:contains("t:all"), may = scope:evaluate(actor, "x", "y") }`,
    ),
    lua(
      "closed",
      `local tokens = assert(security.token_store("tokens")) tokens:close()
      return tokens:create(security.new_actor("ada"), security.new_scope())`,
    ),
    lua(
      "late",
      `return assert(security.token_store("tokens")):create(security.new_actor("ada"), security.new_scope(), { expiration = 0 })`,
    ),
    lua("absent", `return security.token_store("t:token")`),
  ];
  await using runtime = await running(app);
  const token = await runtime.call("t:login");
  expect(await runtime.call("t:who", token)).toEqual({ id: "ada", role: "user", all: true, may: "allow" });
  expect(await runtime.call("t:who", "nonsense")).toEqual({ err: "PermissionDenied", nils: true });
  await expect(runtime.call("t:closed")).rejects.toMatchObject({ message: /was closed/ });
  await expect(runtime.call("t:late")).rejects.toMatchObject({ kind: "Invalid" });
  await expect(runtime.call("t:absent")).rejects.toMatchObject({ message: /did you mean t:tokens/ });
});
