import { compileModule } from "../../compile.ts";
import { readComponent } from "../../inspect/component/read.ts";
import type { ComponentArtefact } from "../../program.ts";
import type { BuildOptions, ComponentBuilder, ComponentSource, EngineDeclined } from "../engine.ts";
import { Declined } from "./declined.ts";
import { emitProgram } from "./emit.ts";
import { linkProgram } from "./linker.ts";

/** Runs components through our own linker and generated code, without a task machinery around each call. */
export const directBuilder: ComponentBuilder = {
  engine: "direct",
  build: async (source, options) => await Promise.resolve(build(source, options)),
};

function build({ bytes }: ComponentSource, options: BuildOptions): ComponentArtefact | EngineDeclined {
  try {
    const program = linkProgram(readComponent(bytes), options.suspending);
    const suspending = program.hostFunctions.some((item) => item.suspending);
    const source = emitProgram(program, suspending);
    const modules = [...program.modules].map(([name, { start, end }]) => {
      return [name, compileModule(bytes.subarray(start, end))] as const;
    });
    return {
      engine: "direct",
      source,
      modules: Object.fromEntries(modules),
      hostFunctions: program.hostFunctions,
      suspending,
    };
  } catch (thrown) {
    if (thrown instanceof Declined) return { engine: undefined, reason: thrown.message };
    throw thrown;
  }
}
