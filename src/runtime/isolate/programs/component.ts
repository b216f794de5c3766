import assert from "node:assert/strict";
import type { Value } from "../../../core/values.ts";
import { linkComponent } from "../../../engine/wasm/component/link.ts";
import { bindHosts, denials, type WantedInterface } from "../../../hosts/index.ts";
import type { InstanceContext } from "../../../hosts/context.ts";
import type { Placement } from "../../../registry/placement.ts";
import type { ProgramType, RunProgram } from "../program.ts";
import { commandContext, commandResult, isCommand } from "./command.ts";
import { callFresh, openInstance, type BoundInstance } from "./instances.ts";
import { keepInstances } from "./kept.ts";

/** Components: only the interfaces that the entry lists under `imports` are bound; calling any other traps. */
export function componentPrograms(): ProgramType {
  return { link: linkPlacement, forget() {} };
}

function linkPlacement(placement: Placement): RunProgram {
  const { program, id, imports: grants } = placement;
  assert(program.type === "component", "a component placement holds a component program");
  const wanted = program.imports.map(({ name }) => wantedInterface(name));
  const linked = linkComponent(program, { denied: denials(id, grants, wanted) });
  const command = isCommand(program);
  const open = (instance: InstanceContext): BoundInstance | Promise<BoundInstance> =>
    openInstance(linked, bindHosts(command ? commandContext(instance) : instance, grants, wanted));
  if (!command && placement.pool.state === "kept") return keepInstances(placement, open);
  if (!command) return (args, instance) => callFresh(open(instance), args, instance);
  return (_args, instance) => finishCommand(callFresh(open(instance), [], instance));
}

function finishCommand(result: Value | Promise<Value>): Value | Promise<Value> {
  return result instanceof Promise ? result.then(commandResult) : commandResult(result);
}

/** `wasi:io/poll@0.2.3` as interface and version. */
function wantedInterface(name: string): WantedInterface {
  const [bare = name, version] = name.split("@");
  return version === undefined ? { interface: bare } : { interface: bare, version };
}
