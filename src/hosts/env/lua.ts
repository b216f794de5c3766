import { parseId } from "../../core/ids.ts";
import { WeftError } from "../../core/errors.ts";
import type { LuaCall } from "../../engine/lua/call.ts";
import type { LuaModule } from "../../engine/lua/module.ts";
import type { InstanceContext } from "../context.ts";
import type { EnvironmentRequest } from "./spec.ts";

type Call = LuaCall<InstanceContext>;

const ask = (call: Call, request: EnvironmentRequest) => call.host.ports.services.ask({ service: "env", request });

/** The variable that argument 1 means, as the caller sees it. */
function variable(call: Call): { readonly name: string; readonly namespace: string } {
  const name = call.text(1);
  if (name === "") throw new WeftError("INVALID_ARGUMENT", "the name of a variable is required");
  return { name, namespace: parseId(call.host.id).namespace };
}

/** Variables of the app: those that `env.variable` entries declare, and no others. */
export const envModule: LuaModule<InstanceContext> = {
  name: "env",
  always: false,
  table: {
    get: (call) => ask(call, { do: "get", ...variable(call) }),
    set: (call) => ask(call, { do: "set", ...variable(call), value: call.text(2) }),
    get_all: (call) => ask(call, { do: "all" }),
  },
};
