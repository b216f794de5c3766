import assert from "node:assert/strict";
import type { Value } from "../../../core/values.ts";
import { linkComponent } from "../../../engine/wasm/component/link.ts";
import { bindHosts, denials, type WantedInterface } from "../../../hosts/index.ts";
import type { Placement } from "../../../registry/placement.ts";
import type { Guard } from "../guard/guard.ts";
import { SuspendingWatch, SyncWatch, unwatched } from "../guard/watch.ts";
import type { IsolateServices, ProgramType, RunProgram } from "../program.ts";
import { commandContext, commandResult, isCommand } from "./command.ts";
import { callFresh, type GuestProgram } from "./instances.ts";
import { keepInstances } from "./kept.ts";

/** Components: only the interfaces that the entry lists under `imports` are bound; calling any other traps. */
export function componentPrograms({ guard }: IsolateServices): ProgramType {
  return { link: (placement) => linkPlacement(placement, guard), forget() {} };
}

function linkPlacement(placement: Placement, guard: Guard): RunProgram {
  const { program, id, imports: grants } = placement;
  assert(program.type === "component", "a component placement holds a component program");
  const { suspending } = program.artefact;
  const wanted = program.imports.map(({ name }) => wantedInterface(name));
  const command = isCommand(program);
  const guest: GuestProgram = {
    placement,
    linked: linkComponent(program, { denied: denials(id, grants, wanted) }),
    bind: (instance) => bindHosts(command ? commandContext(instance) : instance, grants, wanted),
    watch: (_bound, deadline, lives) => {
      if (deadline === Infinity && !lives) return unwatched();
      return suspending ? new SuspendingWatch(guard) : new SyncWatch(guard);
    },
  };
  if (!command && placement.pool.state === "kept") return keepInstances(guest);
  if (!command) return (args, instance) => callFresh(guest, args, instance);
  return (_args, instance) => finishCommand(callFresh(guest, [], instance));
}

function finishCommand(result: Value | Promise<Value>): Value | Promise<Value> {
  return result instanceof Promise ? result.then(commandResult) : commandResult(result);
}

/** `wasi:io/poll@0.2.3` as interface and version. */
function wantedInterface(name: string): WantedInterface {
  const [bare = name, version] = name.split("@");
  return version === undefined ? { interface: bare } : { interface: bare, version };
}
