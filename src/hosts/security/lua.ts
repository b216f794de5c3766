import { isRecord } from "../../core/values.ts";
import { WeftError } from "../../core/errors.ts";
import { parseId, resolveId, type EntryId } from "../../core/ids.ts";
import { nearestSuffix } from "../../core/nearest.ts";
import type { LuaCall, Returned } from "../../engine/lua/call.ts";
import type { LuaClass, LuaModule } from "../../engine/lua/module.ts";
import type { InstanceContext } from "../context.ts";
import { SecurityActor, SecurityScope } from "../identity.ts";
import type { Policy } from "./policy.ts";
import type { Attributes } from "./subject.ts";
import { openTokenStore, tokenStoreClass } from "./token-lua.ts";

type Call = LuaCall<InstanceContext>;

/** A policy as Lua programs hold it: what its entry says when it is asked. */
class SecurityPolicy {
  readonly id: EntryId;

  constructor(id: EntryId) {
    this.id = id;
  }
}

const security = (call: Call) => call.host.ports.security;

function check(call: Call, action: string, resource: string): void {
  security(call).check(action, resource, call.host.call);
}

const fullId = (call: Call, name: string): EntryId => resolveId(name, parseId(call.host.id).namespace);

function attributes(call: Call, index: number): Attributes | undefined {
  return call.has(index) ? call.record(index) : undefined;
}

/** A policy that exists. @throws WeftError `ENTRY_NOT_FOUND`. */
function known(call: Call, id: EntryId): Policy {
  const { policies } = security(call);
  const found = policies.get(id);
  if (found !== undefined) return found;
  const hint = nearestSuffix(id, policies.ids());
  throw new WeftError("ENTRY_NOT_FOUND", `there is no policy ${id}${hint}`, { details: { target: id } });
}

function policy(call: Call): SecurityPolicy {
  const id = fullId(call, call.text(1));
  check(call, "security.policy.get", id);
  return new SecurityPolicy(known(call, id).id);
}

function namedScope(call: Call): SecurityScope {
  const name = call.text(1);
  const full = fullId(call, name);
  check(call, "security.policy_group.get", full);
  const policies = security(call).policies.group(full);
  if (policies === undefined) {
    throw new WeftError("ENTRY_NOT_FOUND", `no policy is in a group ${full}`, { details: { target: full } });
  }
  return new SecurityScope({ policies });
}

function newScope(call: Call): SecurityScope {
  check(call, "security.scope.create", "custom");
  if (!call.has(1)) return new SecurityScope({ policies: [] });
  const { lua } = call.runtime;
  const list = call.raw(1);
  if (!lua.isTable(list)) throw new WeftError("INVALID_ARGUMENT", "a scope is made of a list of policies");
  const policies = Array.from({ length: lua.length(list) }, (_, index): EntryId => {
    const payload = lua.payload(lua.getIndex(list, index + 1));
    if (payload instanceof SecurityPolicy) return payload.id;
    throw new WeftError("INVALID_ARGUMENT", `item ${index + 1} of the list is no policy`);
  });
  return new SecurityScope({ policies: [...new Set(policies)] });
}

function newActor(call: Call): SecurityActor {
  const id = call.text(1);
  if (id === "") throw new WeftError("INVALID_ARGUMENT", "an actor needs an id");
  check(call, "security.actor.create", id);
  return new SecurityActor({ id, meta: call.record(2) });
}

const actorOf = (call: Call, index = 1) => call.object(index, SecurityActor).actor;
const scopeOf = (call: Call) => call.object(1, SecurityScope).scope;
const membersOf = (call: Call) => security(call).policies.members(scopeOf(call));
const policyOf = (call: Call) => call.object(1, SecurityPolicy).id;

const actorClass: LuaClass<InstanceContext> = {
  type: SecurityActor,
  methods: { id: (call) => actorOf(call).id, meta: (call) => actorOf(call).meta },
};

const policyClass: LuaClass<InstanceContext> = {
  type: SecurityPolicy,
  methods: {
    id: policyOf,
    evaluate: (call) => {
      const found = known(call, policyOf(call));
      return found.evaluate(actorOf(call, 2), call.text(3), call.text(4), attributes(call, 5));
    },
  },
};

/** The id of a policy, given as such, as the object, or as `{ns, name}`. */
function policyArgument(call: Call, index: number): EntryId {
  const payload = call.payload(index);
  if (payload instanceof SecurityPolicy) return payload.id;
  if (call.typeOf(index) === "string") return fullId(call, call.text(index));
  const value = call.value(index);
  const { ns, name } = isRecord(value) ? value : {};
  if (typeof ns === "string" && typeof name === "string") return `${ns}:${name}`;
  throw new WeftError("INVALID_ARGUMENT", "a policy is given as its id, as {ns, name} or as the object");
}

const scopeClass: LuaClass<InstanceContext> = {
  type: SecurityScope,
  methods: {
    with(call): Returned {
      const [policies, added] = [membersOf(call), call.object(2, SecurityPolicy).id];
      check(call, "security.scope.create", "with");
      return new SecurityScope({ policies: [...new Set([...policies, added])] });
    },
    without(call): Returned {
      const [policies, removed] = [membersOf(call), policyArgument(call, 2)];
      check(call, "security.scope.create", "without");
      return new SecurityScope({ policies: policies.filter((id) => id !== removed) });
    },
    evaluate: (call) => {
      const scope = security(call).policies.compiled(scopeOf(call));
      return scope.decide(actorOf(call, 2), call.text(3), call.text(4), attributes(call, 5));
    },
    contains: (call) => membersOf(call).includes(policyArgument(call, 2)),
    policies: (call) => membersOf(call).map((id) => new SecurityPolicy(id)),
  },
};

/** Who a program acts for, and what that identity may do. */
export const securityModule: LuaModule<InstanceContext> = {
  name: "security",
  always: false,
  classes: [actorClass, policyClass, scopeClass, tokenStoreClass],
  table: {
    actor: ({ host }) => host.call.actor && new SecurityActor(host.call.actor),
    scope: ({ host }) => host.call.scope && new SecurityScope(host.call.scope),
    can: (call) => security(call).can(call.text(1), call.text(2), call.host.call, attributes(call, 3)),
    policy,
    named_scope: namedScope,
    new_scope: newScope,
    new_actor: newActor,
    token_store: openTokenStore,
  },
};
