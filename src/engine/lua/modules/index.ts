import type { LuaModule } from "../module.ts";
import { channelModule } from "./channel.ts";
import { errorsModule } from "./errors.ts";
import { payloadModule } from "./payload.ts";
import { typesModule } from "./types.ts";

/** The modules that need nothing but the interpreter. */
export function interpreterModules<Host>(): LuaModule<Host>[] {
  return [errorsModule, channelModule, payloadModule, typesModule];
}
