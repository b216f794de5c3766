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

const keyed =
  (what: "get" | "has" | "delete") =>
  (call: Call): Returned =>
    ask(call, { do: what, id: opened(call), key: key(call) });

function set(call: Call): Returned {
  const id = opened(call);
  if (!call.has(3)) throw new WeftError("INVALID_ARGUMENT", "a value is required; `delete` removes a key");
  return ask(call, { do: "set", id, key: key(call), value: call.value(3), ttlMs: timeToLive(call) });
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
    list: (call) => ask(call, { do: "list", id: opened(call), prefix: call.has(2) ? call.text(2) : "" }),
    info: (call) => ask(call, { do: "info", id: opened(call) }),
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
