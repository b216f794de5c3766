import assert from "node:assert/strict";
import { linkCore } from "../../../engine/wasm/core/link.ts";
import type { CoreProgram } from "../../../engine/wasm/program.ts";
import type { InstanceContext } from "../../../hosts/context.ts";
import { linkedImports, type ImportLink } from "../../../hosts/funcs/link.ts";
import { deniedCoreImport } from "../../../hosts/index.ts";
import { bindPreview1 } from "../../../hosts/preview1.ts";
import type { Placement } from "../../../registry/placement.ts";
import { SuspendingWatch } from "../guard/suspending-watch.ts";
import { SyncWatch, unwatched } from "../guard/watch.ts";
import type { IsolateServices, ProgramType, RunProgram } from "../program.ts";
import { commandContext, isCommand, runsAsCommand } from "./command.ts";
import { freshInstances, runOnce } from "./fresh.ts";
import type { Bound, GuestProgram } from "./instances.ts";
import { keepInstances } from "./kept.ts";

/** Core modules: WASI preview 1 is theirs without asking; it reaches only what the entry's `wasi` block grants. */
export function corePrograms(services: IsolateServices): ProgramType {
  return { link: (placement) => linkPlacement(placement, services), forget() {} };
}

function linkPlacement(placement: Placement, { guard, killable }: IsolateServices): RunProgram {
  const { program, id, links = [] } = placement;
  assert(program.type === "core", "a core placement holds a core program");
  const command = isCommand(program);
  const bindPreview = (instance: InstanceContext): Bound => bind(program, instance);
  const bindAll = links.length === 0 ? bindPreview : withLinks(bindPreview, links);
  const guest: GuestProgram = {
    placement,
    killable,
    turns: guard.turns,
    linked: linkCore(program, { denied: (module, name) => deniedCoreImport(id, module, name) }),
    bind: (instance) => bindAll(command ? commandContext(instance, placement) : instance),
    watch: ({ options }, isBounded) => {
      if (!isBounded) return unwatched();
      return (options?.suspending?.size ?? 0) > 0 ? new SuspendingWatch(guard) : new SyncWatch(guard);
    },
  };
  if (command) return runsAsCommand(placement, (instance) => runOnce(guest, [], instance));
  return placement.pool.state === "kept" || program.stateless ? keepInstances(guest) : freshInstances(guest);
}

/** Adds what other entries serve; any of it may wait. */
function withLinks(
  bindPreview: (instance: InstanceContext) => Bound,
  links: readonly ImportLink[],
): GuestProgram["bind"] {
  const linked = linkedImports(links);
  return (instance) => {
    const bound = bindPreview(instance);
    const suspending = new Set([...(bound.options?.suspending ?? []), ...links.map(({ name }) => name)]);
    return {
      imports: { ...bound.imports, ...linked(instance) },
      options: { ...bound.options, suspending },
      [Symbol.dispose]: () => bound[Symbol.dispose](),
    };
  };
}

/** The imports of one instance: none for a module that asks for none. */
function bind(program: CoreProgram, instance: InstanceContext): Bound {
  if (!program.usesPreview1) return { imports: {}, [Symbol.dispose]() {} };
  const bound = bindPreview1(instance, program.imports);
  return {
    imports: bound.imports,
    options: { suspending: bound.suspending, onMemory: (memory) => bound.attach(memory) },
    [Symbol.dispose]: () => bound[Symbol.dispose](),
  };
}
