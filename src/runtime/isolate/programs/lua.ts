import assert from "node:assert/strict";
import { createLuaEngine } from "../../../engine/lua/engine.ts";
import { limitedOutput } from "../../../hosts/cli/output.ts";
import type { InstanceContext } from "../../../hosts/context.ts";
import { luaGlobals, luaModules } from "../../../hosts/lua.ts";
import type { IsolateServices, ProgramType } from "../program.ts";

/** Lua entries: one interpreter state for the isolate, a task of its own for each call. */
export function luaPrograms(services: IsolateServices): ProgramType {
  const engine = createLuaEngine<InstanceContext>({
    interpreter: services.luaEngine,
    modules: luaModules,
    globals: luaGlobals,
    library(id) {
      const program = services.find(id)?.program;
      return program?.type === "lua" ? program : undefined;
    },
  });
  return {
    link({ program, strangers = "fail" }) {
      assert(program.type === "lua", "a Lua placement holds a Lua program");
      engine.compile(program);
      return (args, instance) => {
        const { usage, call, limits } = instance;
        return engine.run(program, args, {
          host: usage === undefined && limits.outputBytes === undefined ? instance : withLimitedOutput(instance),
          cancellation: call.cancellation,
          deadline: call.deadline,
          limits,
          strangers,
          ...(usage === undefined
            ? {}
            : {
                onHostCall: () => usage.countHostCall(),
                onUsage: ({ fuel, peakBytes }) => usage.note({ fuel, memoryBytes: peakBytes }),
              }),
        });
      };
    },
    warmUp: (isOver) => void engine.warmUp({ later: setImmediate, isOver }),
    forget: (id) => engine.forget(id),
    dispose: () => engine[Symbol.dispose](),
  };
}

function withLimitedOutput(instance: InstanceContext): InstanceContext {
  return { ...instance, stdio: { ...instance.stdio, ...limitedOutput(instance) } };
}
