import assert from "node:assert/strict";
import { blockingOutput } from "../../../core/stdio.ts";
import type { Value } from "../../../core/values.ts";
import { linkComponent } from "../../../engine/wasm/component/link.ts";
import type { InstanceContext } from "../../../hosts/context.ts";
import { linkedImports, type ImportLink } from "../../../hosts/funcs/link.ts";
import { bindHosts, denials, type WantedInterface } from "../../../hosts/index.ts";
import type { Placement } from "../../../registry/placement.ts";
import { SuspendingWatch } from "../guard/suspending-watch.ts";
import { SyncWatch, unwatched } from "../guard/watch.ts";
import type { IsolateServices, ProgramType, RunProgram } from "../program.ts";
import { commandContext, commandResult, isCommand, runsAsCommand } from "./command.ts";
import { freshInstances, runOnce } from "./fresh.ts";
import { handlerGrants, servesRequests, withHttpTypes } from "./handler.ts";
import type { Bound, GuestProgram } from "./instances.ts";
import { keepInstances } from "./kept.ts";

/** Components: only the interfaces that the entry lists under `imports` are bound; calling any other traps. */
export function componentPrograms(services: IsolateServices): ProgramType {
  return { link: (placement) => linkPlacement(placement, services), forget() {} };
}

function linkPlacement(placement: Placement, { guard, killable }: IsolateServices): RunProgram {
  const { program, id, imports: grants, links = [] } = placement;
  assert(program.type === "component", "a component placement holds a component program");
  const { suspending } = program.artefact;
  const wanted = program.imports.map(({ name }) => wantedInterface(name));
  const command = isCommand(program);
  const isHandler = placement.transport === "incoming-handler";
  const granted = isHandler ? [...grants, ...handlerGrants] : grants;
  const bindAll = (instance: InstanceContext): Bound => bindHosts(instance, granted, wanted);
  const bindGranted = isHandler ? withHttpTypes(bindAll) : bindAll;
  const given = program.writesSuspend ? (instance: InstanceContext) => instance : withBlockingOutput;
  const bind = links.length === 0 ? bindGranted : withLinks(bindGranted, links);
  const guest: GuestProgram = {
    placement,
    killable,
    turns: guard.turns,
    linked: linkComponent(program, { denied: denials(id, granted, wanted) }),
    bind: (instance) => bind(given(command ? commandContext(instance, placement) : instance)),
    watch: (_bound, isBounded) => {
      if (!isBounded) return unwatched();
      return suspending ? new SuspendingWatch(guard) : new SyncWatch(guard);
    },
  };
  if (command) return runsAsCommand(placement, (instance) => finishCommand(runOnce(guest, [], instance)));
  const run = placement.pool.state === "kept" ? keepInstances(guest) : freshInstances(guest);
  return isHandler ? servesRequests(run) : run;
}

/** Adds what other entries serve; a link wins over a host that has the same interface. */
function withLinks(bind: GuestProgram["bind"], links: readonly ImportLink[]): GuestProgram["bind"] {
  const linked = linkedImports(links);
  return (instance) => {
    const bound = bind(instance);
    return { imports: { ...bound.imports, ...linked(instance) }, [Symbol.dispose]: () => bound[Symbol.dispose]() };
  };
}

/** A kept instance's context changes, so it is left alone: only commands have streams that can be full. */
function withBlockingOutput(instance: InstanceContext): InstanceContext {
  const stdio = blockingOutput(instance.stdio);
  return stdio === instance.stdio ? instance : { ...instance, stdio };
}

function finishCommand(result: Value | Promise<Value>): Value | Promise<Value> {
  return result instanceof Promise ? result.then(commandResult) : commandResult(result);
}

/** `wasi:io/poll@0.2.3` as interface and version. */
function wantedInterface(name: string): WantedInterface {
  const [bare = name, version] = name.split("@");
  return version === undefined ? { interface: bare } : { interface: bare, version };
}
