import { parseId } from "../../core/ids.ts";
import { WeftError } from "../../core/errors.ts";
import { isRecord, type Value } from "../../core/values.ts";
import type { LuaCall } from "../../engine/lua/call.ts";
import type { LuaModule } from "../../engine/lua/module.ts";
import type { InstanceContext } from "../context.ts";
import { checkVariable } from "./allowed.ts";
import type { EnvironmentRequest } from "./spec.ts";

type Call = LuaCall<InstanceContext>;

const ask = (call: Call, request: EnvironmentRequest) => call.host.ports.services.ask({ service: "env", request });

/** The variable that argument 1 means, as the caller sees it. */
function variable(call: Call): { readonly name: string; readonly namespace: string } {
  const name = call.text(1);
  if (name === "") throw new WeftError("INVALID_ARGUMENT", "the name of a variable is required");
  return { name, namespace: parseId(call.host.id).namespace };
}

async function get(call: Call): Promise<Value> {
  const asked = variable(call);
  await checkVariable(call.host, "env.get", asked);
  return await ask(call, { do: "get", ...asked });
}

async function set(call: Call): Promise<Value> {
  const [asked, value] = [variable(call), call.text(2)];
  await checkVariable(call.host, "env.set", asked);
  return await ask(call, { do: "set", ...asked, value });
}

/** Every variable that the program may read. */
async function all(call: Call): Promise<Value> {
  const { ports, call: context } = call.host;
  const found = await ask(call, { do: "all" });
  const values: Record<string, Value> = {};
  for (const item of Array.isArray(found) ? found : []) {
    const { id, name, value = null } = isRecord(item) ? item : {};
    if (typeof id !== "string" || typeof name !== "string") continue;
    if (ports.security.allowsAny("env.get", [name, id], context)) values[name] = value;
  }
  return values;
}

/** Variables of the app: those that `env.variable` entries declare, and no others. */
export const envModule: LuaModule<InstanceContext> = {
  name: "env",
  always: false,
  table: {
    get,
    set,
    get_all: all,
  },
};
