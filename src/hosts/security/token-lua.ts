import { parseDurationMs } from "../../core/durations.ts";
import { WeftError } from "../../core/errors.ts";
import { parseId, resolveId, type EntryId } from "../../core/ids.ts";
import { isRecord, type Value } from "../../core/values.ts";
import { results, type LuaCall, type Returned } from "../../engine/lua/call.ts";
import type { LuaClass } from "../../engine/lua/module.ts";
import type { InstanceContext } from "../context.ts";
import { actorArgument, scopeArgument, SecurityActor, SecurityScope } from "../identity.ts";
import { readIdentity, type TokenRequest } from "./tokens.ts";

type Call = LuaCall<InstanceContext>;

/** A token store as a program holds it. */
class TokenStore {
  readonly id: EntryId;
  isClosed = false;

  constructor(id: EntryId) {
    this.id = id;
  }
}

const ask = (call: Call, request: TokenRequest): Promise<Value> =>
  call.host.ports.services.ask({ service: "tokens", request });

/** `security.token_store(id)`: opens one. */
export async function openTokenStore(call: Call): Promise<object> {
  const name = call.text(1);
  if (name === "") throw new WeftError("INVALID_ARGUMENT", "the id of a token store is required");
  const id = resolveId(name, parseId(call.host.id).namespace);
  call.host.ports.security.check("security.token_store.get", id, call.host.call);
  await ask(call, { do: "open", id });
  return new TokenStore(id);
}

/** The store that a method is called on, if the program may do this to it. @throws WeftError `PERMISSION_DENIED`. */
function allowed(call: Call, what: "create" | "validate" | "revoke"): EntryId {
  const { id, isClosed } = call.object(1, TokenStore);
  if (isClosed) throw new WeftError("INVALID_ARGUMENT", `the token store ${id} was closed`);
  call.host.ports.security.check(`security.token.${what}`, id, call.host.call);
  return id;
}

function token(call: Call): string {
  const text = call.text(2);
  if (text === "") throw new WeftError("INVALID_ARGUMENT", "a token is required");
  return text;
}

function create(call: Call): Returned {
  const id = allowed(call, "create");
  const { id: name, meta: facts } = actorArgument(call, 2);
  const { policies, groups = [] } = scopeArgument(call, 3);
  const { expiration, meta } = call.has(4) ? call.record(4) : {};
  return ask(call, {
    do: "create",
    id,
    actor: { id: name, meta: facts },
    scope: { policies, groups },
    meta: isRecord(meta) ? meta : {},
    expirationMs: expiration === undefined || expiration === null ? undefined : duration(expiration),
  });
}

function duration(value: Value): number {
  const ms = typeof value === "string" ? parseDurationMs(value) : Number(value);
  if (ms !== undefined && ms > 0 && Number.isFinite(ms)) return ms;
  throw new WeftError(
    "INVALID_ARGUMENT",
    "expiration is milliseconds, or a duration such as 1h, and more than nothing",
  );
}

/** The actor and the scope, or two nils and the error. */
async function validate(call: Call): Promise<Returned> {
  try {
    const request = { do: "validate", id: allowed(call, "validate"), token: token(call) } as const;
    const { actor, scope } = readIdentity(await ask(call, request));
    return results(new SecurityActor(actor), new SecurityScope(scope));
  } catch (error) {
    if (error instanceof WeftError) return results(null, null, error);
    throw error;
  }
}

/** What `security.token_store` gives. */
export const tokenStoreClass: LuaClass<InstanceContext> = {
  type: TokenStore,
  methods: {
    create,
    validate,
    revoke: (call) => ask(call, { do: "revoke", id: allowed(call, "revoke"), token: token(call) }),
    close(call) {
      call.object(1, TokenStore).isClosed = true;
      return true;
    },
  },
};
