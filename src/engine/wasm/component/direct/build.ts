import { readComponent } from "../../inspect/component/read.ts";
import { limitModules } from "../../limits/prepare.ts";
import type { ComponentArtefact } from "../../program.ts";
import type { BuildOptions, ComponentBuilder, ComponentSource, EngineDeclined } from "../engine.ts";
import { Declined } from "./declined.ts";
import { emitProgram } from "./emit.ts";
import { linkProgram } from "./linker.ts";
import type { LinkProgram } from "./program.ts";

/** Runs components through our own linker and generated code, without a task machinery around each call. */
export const directBuilder: ComponentBuilder = {
  engine: "direct",
  build: async (source, options) => await Promise.resolve(build(source, options)),
};

/** Why this engine leaves a component to another one; undefined when it takes it. @throws InvalidModuleError. */
export function reasonToDecline(bytes: Uint8Array, suspending: BuildOptions["suspending"]): string | undefined {
  const linked = link(bytes, suspending);
  return "engine" in linked ? linked.reason : undefined;
}

function build(
  { name, bytes }: ComponentSource,
  { suspending, limits }: BuildOptions,
): ComponentArtefact | EngineDeclined {
  const linked = link(bytes, suspending);
  if ("engine" in linked) return linked;
  const { program, source } = linked;
  const parts = [...program.modules].map(([part, { start, end }]) => [part, bytes.subarray(start, end)] as const);
  return {
    engine: "direct",
    source,
    ...limitModules(Object.fromEntries(parts), { name, limits }),
    hostFunctions: program.hostFunctions,
    suspending: linked.suspending,
  };
}

interface LinkedSource {
  readonly program: LinkProgram;
  readonly source: string;
  readonly suspending: boolean;
}

function link(bytes: Uint8Array, isSuspending: BuildOptions["suspending"]): LinkedSource | EngineDeclined {
  try {
    const program = linkProgram(readComponent(bytes), isSuspending);
    const suspending = program.hostFunctions.some((item) => item.suspending);
    return { program, suspending, source: emitProgram(program, suspending) };
  } catch (thrown) {
    if (thrown instanceof Declined) return { engine: undefined, reason: thrown.message };
    throw thrown;
  }
}
