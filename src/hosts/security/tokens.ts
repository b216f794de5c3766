import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Actor, Scope } from "../../core/context.ts";
import { WeftError } from "../../core/errors.ts";
import { parseId, type EntryId } from "../../core/ids.ts";
import { nearestSuffix } from "../../core/nearest.ts";
import { isRecord, type Value } from "../../core/values.ts";
import type { KeyValues, Service } from "../service.ts";

type Fields = Readonly<Record<string, Value>>;

/** Bearers of longer texts are turned away unread. */
const maxTokenLength = 4_096;

/** What an entry of the kind `security.token_store` says about itself. */
export interface TokenStoreSpec {
  /** The store that holds what tokens stand for. */
  readonly store: EntryId;
  /** Random bytes of a token. */
  readonly length: number;
  readonly expirationMs: number;
  /** What tokens are signed with: the key, or the variable that holds it. */
  readonly key?: string;
  readonly keyVariable?: string;
}

/** Who a token stands for. */
export interface Identity {
  readonly actor: Actor;
  /** Policies by their ids: what they say is asked for when a decision is made. */
  readonly scope: Scope;
}

/** What isolates and the HTTP door ask of token stores. */
export type TokenRequest = { readonly id: EntryId } & (
  | { readonly do: "open" }
  | {
      readonly do: "create";
      readonly actor: Fields;
      readonly scope: Fields;
      readonly meta: Fields;
      /** Milliseconds; what the entry says when undefined. */
      readonly expirationMs: number | undefined;
    }
  | { readonly do: "validate" | "revoke"; readonly token: string }
);

/** What token stores use of the app. */
export interface TokenWorld {
  readonly values: KeyValues;
  /** The value of a variable of the environment. @throws WeftError when it has none. */
  variable(name: string, namespace: string): Promise<Value>;
}

/** The token stores of an app: random texts that stand for an actor and a scope. */
export class TokenService implements Service<TokenRequest, TokenStoreSpec> {
  readonly #world: TokenWorld;
  readonly #stores = new Map<EntryId, TokenStoreSpec>();

  constructor(world: TokenWorld) {
    this.#world = world;
  }

  add(id: EntryId, spec: TokenStoreSpec): void {
    this.#stores.set(id, spec);
  }

  remove(id: EntryId): void {
    this.#stores.delete(id);
  }

  async ask(request: TokenRequest): Promise<Value> {
    const spec = this.#require(request.id);
    switch (request.do) {
      case "open":
        return true;
      case "create":
        return await this.#create(spec, request);
      case "validate":
        return await this.#read(spec, request);
      case "revoke":
        return await this.#world.values.delete(spec.store, await this.#keyOf(spec, request));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stores.clear();
  }

  async #create(spec: TokenStoreSpec, request: TokenRequest & { readonly do: "create" }): Promise<Value> {
    const { id, actor, scope, meta, expirationMs = spec.expirationMs } = request;
    const secret = await this.#secret(spec, id);
    const random = encode(randomBytes(spec.length));
    const now = Date.now();
    const kept = { actor, ...scope, meta, created_at: now, expires_at: now + expirationMs };
    await this.#world.values.set(spec.store, random, kept, expirationMs);
    return secret === undefined ? random : `${random}.${signature(random, secret)}`;
  }

  async #read(spec: TokenStoreSpec, request: { readonly id: EntryId; readonly token: string }): Promise<Value> {
    const kept = await this.#world.values.get(spec.store, await this.#keyOf(spec, request));
    if (!isRecord(kept) || !(Number(kept["expires_at"]) > Date.now())) throw invalidToken(request.id);
    return kept;
  }

  /** Where a token is kept: its random part, so that who may read the store cannot make tokens that are signed. */
  async #keyOf(spec: TokenStoreSpec, { id, token }: { readonly id: EntryId; readonly token: string }): Promise<string> {
    const secret = await this.#secret(spec, id);
    const [random = "", signed, ...rest] = token.length > maxTokenLength ? [] : token.split(".");
    const isSigned =
      secret === undefined ? signed === undefined : signed !== undefined && equal(signed, signature(random, secret));
    if (!isSigned || rest.length > 0 || random.length !== encodedLength(spec.length)) throw invalidToken(id);
    return random;
  }

  async #secret({ key, keyVariable }: TokenStoreSpec, id: EntryId): Promise<string | undefined> {
    if (keyVariable === undefined) return key;
    const value = await this.#world.variable(keyVariable, parseId(id).namespace);
    if (typeof value === "string" && value !== "") return value;
    throw new WeftError("VARIABLE_NOT_FOUND", `the variable ${keyVariable}, which signs tokens of ${id}, is empty`);
  }

  #require(id: EntryId): TokenStoreSpec {
    const spec = this.#stores.get(id);
    if (spec !== undefined) return spec;
    const hint = nearestSuffix(id, this.#stores.keys());
    throw new WeftError("ENTRY_NOT_FOUND", `there is no token store ${id}${hint}`, { details: { target: id } });
  }
}

/** A way to ask token stores. */
type AskTokens = (question: { readonly service: "tokens"; readonly request: TokenRequest }) => Value | Promise<Value>;

/**
 * Who a token stands for, undefined when for nobody: for doors, which ask without checks of their own.
 * @throws WeftError what is no fault of the token, such as a store that is missing.
 */
export async function validateToken(ask: AskTokens, id: EntryId, token: string): Promise<Identity | undefined> {
  try {
    return readIdentity(await ask({ service: "tokens", request: { do: "validate", id, token } }));
  } catch (error) {
    if (error instanceof WeftError && error.code === "TOKEN_INVALID") return undefined;
    throw error;
  }
}

/** What a store of tokens gave, as an identity. */
export function readIdentity(kept: Value): Identity {
  const { actor, policies, groups } = isRecord(kept) ? kept : {};
  const { id, meta } = isRecord(actor) ? actor : {};
  if (typeof id !== "string") throw new WeftError("TOKEN_INVALID", "the token stands for nobody");
  return { actor: { id, meta: isRecord(meta) ? meta : {} }, scope: readScope({ policies, groups }) };
}

function readScope({ policies, groups }: { readonly policies: Value | undefined; readonly groups: Value | undefined }) {
  const named = texts(groups);
  return { policies: texts(policies), ...(named.length > 0 && { groups: named }) };
}

function texts(value: Value | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** The same for every reason: who guesses learns nothing. */
function invalidToken(id: EntryId): WeftError {
  return new WeftError("TOKEN_INVALID", `the token is not one of ${id}, was revoked, or its time is over`);
}

/** Base64url, padded, as the format has it. */
function encode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replaceAll("+", "-").replaceAll("/", "_");
}

function encodedLength(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

function signature(random: string, secret: string): string {
  return encode(createHmac("sha256", secret).update(random).digest());
}

/** Takes as long for one wrong text as for another. */
function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
