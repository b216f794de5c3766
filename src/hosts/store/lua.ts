import { parseDurationMs } from "../../core/durations.ts";
import { WeftError } from "../../core/errors.ts";
import { parseId, resolveId, type EntryId } from "../../core/ids.ts";
import type { Value } from "../../core/values.ts";
import type { LuaCall, Returned } from "../../engine/lua/call.ts";
import type { LuaClass, LuaModule } from "../../engine/lua/module.ts";
import type { InstanceContext } from "../context.ts";
import type { StoreRequest } from "./service.ts";

type Call = LuaCall<InstanceContext>;

/** A store as a program holds it. */
class Store {
  readonly id: EntryId;
  isReleased = false;

  constructor(id: EntryId) {
    this.id = id;
  }
}

const ask = (call: Call, request: StoreRequest): Promise<Value> =>
  call.host.ports.services.ask({ service: "store", request });

/** Opens a store. */
async function get(call: Call): Promise<Store> {
  const name = call.text(1);
  if (name === "") throw new WeftError("INVALID_ARGUMENT", "the id of a store is required");
  const id = resolveId(name, parseId(call.host.id).namespace);
  call.host.ports.security.check("store.get", id, call.host.call);
  await ask(call, { do: "open", id });
  return new Store(id);
}

/** The store that a method is called on. */
function opened(call: Call): EntryId {
  const store = call.object(1, Store);
  if (store.isReleased) throw new WeftError("INVALID_ARGUMENT", `the store ${store.id} was released`);
  return store.id;
}

function key(call: Call): string {
  const text = call.text(2);
  if (text === "") throw new WeftError("INVALID_ARGUMENT", "a key is required");
  return text;
}

/** The store and the key, if the program may do this to it. @throws WeftError `PERMISSION_DENIED`. */
function allowedKey(
  call: Call,
  what: "get" | "has" | "delete" | "set",
): { readonly id: EntryId; readonly key: string } {
  const asked = { id: opened(call), key: key(call) };
  call.host.ports.security.check(`store.key.${what}`, asked.id, call.host.call, { key: asked.key });
  return asked;
}

function list(call: Call): Returned {
  const [id, prefix] = [opened(call), call.has(2) ? call.text(2) : ""];
  call.host.ports.security.check("store.key.list", id, call.host.call, { prefix });
  return ask(call, { do: "list", id, prefix });
}

function info(call: Call): Returned {
  const id = opened(call);
  call.host.ports.security.check("store.info", id, call.host.call);
  return ask(call, { do: "info", id });
}

const keyed =
  (what: "get" | "has" | "delete") =>
  (call: Call): Returned =>
    ask(call, { do: what, ...allowedKey(call, what) });

function set(call: Call): Returned {
  if (!call.has(3)) throw new WeftError("INVALID_ARGUMENT", "a value is required; `delete` removes a key");
  return ask(call, { do: "set", ...allowedKey(call, "set"), value: call.value(3), ttlMs: timeToLive(call) });
}

/** How long a value is kept: seconds, or a duration. Nothing, 0 or less is for ever. */
function timeToLive(call: Call): number | undefined {
  if (!call.has(4)) return undefined;
  const ms = call.typeOf(4) === "number" ? call.number(4) * 1_000 : parseDurationMs(call.text(4));
  if (ms === undefined || Number.isNaN(ms)) {
    throw new WeftError("INVALID_ARGUMENT", "a time to live is a number of seconds, or a duration such as 5m");
  }
  return ms > 0 ? ms : undefined;
}

const storeClass: LuaClass<InstanceContext> = {
  type: Store,
  methods: {
    get: keyed("get"),
    has: keyed("has"),
    delete: keyed("delete"),
    set,
    put: set,
    list,
    info,
    release: (call) => {
      call.object(1, Store).isReleased = true;
      return true;
    },
  },
};

/** Values by key that all programs of the app share. */
export const storeModule: LuaModule<InstanceContext> = {
  name: "store",
  always: false,
  classes: [storeClass],
  table: { get },
};
