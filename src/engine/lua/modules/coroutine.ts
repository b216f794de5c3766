import { badArgument } from "../errors/raise.ts";
import type { ModuleTable } from "../module.ts";

/** What Weft adds to Lua's `coroutine`. */
export const coroutineAdditions: ModuleTable<unknown> = {
  /** Starts a function beside the running one; its error fails the whole task, whose end drops it. */
  spawn: (call) => {
    if (call.typeOf(1) !== "function") throw badArgument(1, call.name, `function expected, got ${call.typeOf(1)}`);
    const { lua } = call.runtime;
    const thread = lua.newThread();
    lua.reserve(thread, call.count);
    for (let i = 1; i <= call.count; i++) lua.push(thread, call.keep(i).value);
    call.task.spawn(thread, call.count - 1);
  },
};
