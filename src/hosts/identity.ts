import type { Actor, Scope } from "../core/context.ts";
import { WeftError } from "../core/errors.ts";
import { isRecord } from "../core/values.ts";
import type { LuaCall } from "../engine/lua/call.ts";
import type { InstanceContext } from "./context.ts";

/** An actor as Lua programs hold it. */
export class SecurityActor {
  readonly actor: Actor;

  constructor(actor: Actor) {
    this.actor = actor;
  }
}

/** A scope as Lua programs hold it. */
export class SecurityScope {
  readonly scope: Scope;

  constructor(scope: Scope) {
    this.scope = scope;
  }
}

/**
 * An argument that is an actor: an object of the security module, or a table `{id, meta}`, which must be allowed as
 * making one is. @throws WeftError `INVALID_ARGUMENT`, `PERMISSION_DENIED`.
 */
export function actorArgument(call: LuaCall<InstanceContext>, index: number): Actor {
  const payload = call.payload(index);
  if (payload instanceof SecurityActor) return payload.actor;
  const { id, meta } = call.record(index);
  if (typeof id !== "string" || id === "") throw new WeftError("INVALID_ARGUMENT", "an actor needs an id");
  call.host.ports.security.check("security.actor.create", id, call.host.call);
  return { id, meta: isRecord(meta) ? meta : {} };
}

/**
 * An argument that is a scope: an object of the security module, or a table `{policies}` of ids, which must be allowed as
 * making one is. @throws WeftError `INVALID_ARGUMENT`, `PERMISSION_DENIED`.
 */
export function scopeArgument(call: LuaCall<InstanceContext>, index: number): Scope {
  const payload = call.payload(index);
  if (payload instanceof SecurityScope) return payload.scope;
  const { policies } = call.record(index);
  if (!Array.isArray(policies)) throw new WeftError("INVALID_ARGUMENT", "a scope needs a list of policies");
  const { security } = call.host.ports;
  security.check("security.scope.create", "custom", call.host.call);
  const ids = policies.filter((policy) => typeof policy === "string");
  for (const id of ids) security.check("security.policy.get", id, call.host.call);
  return { policies: ids };
}
