import { WeftError } from "../../core/errors.ts";
import { requireFullId } from "../../core/ids.ts";
import { raise, type LuaCall, type Returned } from "../../engine/lua/call.ts";
import type { LuaFunction, LuaModule } from "../../engine/lua/module.ts";
import { Channel } from "../../engine/lua/tasks/channel.ts";
import type { Task } from "../../engine/lua/tasks/task.ts";
import { LuaReference } from "../../engine/lua/values/reference.ts";
import type { InstanceContext } from "../context.ts";
import type { ProcessEvent, SpawnRequest } from "../ports.ts";

type Call = LuaCall<InstanceContext>;

const eventKinds = { CANCEL: "pid.cancel", EXIT: "pid.exit", LINK_DOWN: "pid.link.down" } as const;

const channels = new WeakMap<Task, Channel>();

/** The channel of a task's events; the same one each time. Events that came before it was asked for are in it. */
function events(call: Call): Returned {
  const known = channels.get(call.task);
  if (known !== undefined) return known;
  const channel = new Channel();
  channels.set(call.task, channel);
  const { values } = call.runtime;
  // An event can come at any time, so a fiber that waits for one is never deadlocked.
  call.task.own(call.task.holdSource());
  const deliver = (event: ProcessEvent): void => channel.deliver(new LuaReference(values.toLua(event)));
  call.task.own(call.host.ports.processes.events(call.host.pid, deliver));
  return channel;
}

function request(call: Call, monitor: boolean): SpawnRequest {
  const text = (index: number) => (call.typeOf(index) === "string" ? call.text(index) : undefined);
  return {
    id: requireFullId(text(1)),
    host: requireFullId(text(2)),
    args: call.values(3, { counting: 1 }),
    context: call.host.call,
    monitor,
  };
}

async function succeed(work: Promise<void>): Promise<true> {
  await work;
  return true;
}

function later(name: string): LuaFunction<InstanceContext> {
  return () => {
    throw new WeftError(
      "UNSUPPORTED",
      `process.${name} is not there yet: this version of Weft has no mailboxes and links`,
    );
  };
}

function unsupported(names: string): Record<string, LuaFunction<InstanceContext>> {
  return Object.fromEntries(names.split(" ").map((name) => [name, later(name)]));
}

/** Processes: who runs, starting others, and hearing of their end. */
export const processModule: LuaModule<InstanceContext> = {
  name: "process",
  always: true,
  table: {
    event: eventKinds,
    id: (call) => call.host.id,
    pid: (call) => call.host.pid,
    spawn: (call) => call.host.ports.processes.spawn(request(call, false)),
    spawn_monitored: (call) => {
      if (call.host.pid === "") raise("process.spawn_monitored needs a pid to report to");
      return call.host.ports.processes.spawn(request(call, true));
    },
    exec: (call) => call.host.ports.processes.exec(request(call, false)),
    terminate: (call) => succeed(call.host.ports.processes.terminate(call.text(1), call.host.call)),
    events,
    ...unsupported(
      "send inbox listen unlisten cancel monitor unmonitor link unlink spawn_linked spawn_linked_monitored upgrade with_context with_options get_options set_options",
    ),
    registry: { LOCAL: 0, EVENTUAL: 1, CONSISTENT: 2, STRONG: 3, ...unsupported("register lookup unregister") },
  },
};
