import { parseDurationMs } from "../../core/durations.ts";
import { WeftError } from "../../core/errors.ts";
import { LuaResults, results, type LuaCall, type Returned } from "../../engine/lua/call.ts";
import type { LuaModule } from "../../engine/lua/module.ts";
import type { InstanceContext } from "../context.ts";
import type { ProcessRequest } from "../ports.ts";
import { askAllowed, execAllowed } from "./allowed.ts";
import { events, inbox, listen, messageClass, send, unlisten } from "./mailbox.ts";
import { upgrade } from "./upgrade.ts";
import { checkBuilder, readOptions, spawn, Spawner, spawnerClass, spawnRequest } from "./spawner.ts";

type Call = LuaCall<InstanceContext>;

const eventKinds = { CANCEL: "pid.cancel", EXIT: "pid.exit", LINK_DOWN: "pid.link.down" } as const;

/** The address of the caller, which others may write to from now on. */
function ownPid(call: Call): string {
  const { pid, ports } = call.host;
  if (pid !== "") ports.processes.open(pid);
  return pid;
}

/** Asks the process table, and answers `true`. */
async function ask(call: Call, request: ProcessRequest): Promise<true> {
  await askAllowed(call.host, request);
  return true;
}

/** What ties the caller to another process. */
const tie =
  (what: "monitor" | "unmonitor" | "link" | "unlink") =>
  (call: Call): Returned =>
    ask(call, { do: what, from: ownPid(call), to: call.text(1) });

/** Runs a process and gives its result as a call of the same entry would. */
async function exec(call: Call): Promise<Returned> {
  const request = spawnRequest(call, {});
  const value = await execAllowed(call.host, request);
  const callee = call.host.ports.dispatcher.describe(request.id);
  if (callee?.signature === undefined) return value;
  const { signature, resultForm } = callee;
  return new LuaResults(call.runtime.typed.of({ id: request.id, signature, resultForm }).results(value));
}

/** Asks a process to end. The second argument is a deadline if it can be read as one, else the reason. */
function cancel(call: Call): Returned {
  const given = call.has(2) ? call.text(2) : undefined;
  const deadlineMs =
    given === undefined ? undefined : call.typeOf(2) === "number" ? Number(given) : parseDurationMs(given);
  if (deadlineMs !== undefined && !(deadlineMs >= 0)) {
    throw new WeftError("INVALID_ARGUMENT", "a deadline is a number of milliseconds, or a duration such as 5s");
  }
  const reason = deadlineMs === undefined ? given : undefined;
  return ask(call, { do: "cancel", from: call.host.pid, to: call.text(1), reason, deadlineMs });
}

async function setOptions(call: Call): Promise<Returned> {
  const from = ownPid(call);
  try {
    const { trapLinks } = readOptions(call.record(1));
    return trapLinks === undefined || (await ask(call, { do: "trap-links", from, on: trapLinks }));
  } catch (error) {
    if (error instanceof WeftError) return results(false, error);
    throw error;
  }
}

async function register(call: Call): Promise<true> {
  const pid = call.has(2) ? call.text(2) : ownPid(call);
  const reach = call.has(3) ? call.integer(3) : 0;
  await askAllowed(call.host, { do: "register", name: call.text(1), pid }, reach);
  return true;
}

/** Processes: who runs, starting others, writing to them, and hearing of their end. */
export const processModule: LuaModule<InstanceContext> = {
  name: "process",
  always: true,
  classes: [messageClass, spawnerClass],
  table: {
    event: eventKinds,
    id: (call) => call.host.id,
    pid: ownPid,
    spawn: spawn({}),
    spawn_monitored: spawn({ monitor: true }),
    spawn_linked: spawn({ link: true }),
    spawn_linked_monitored: spawn({ monitor: true, link: true }),
    exec,
    terminate: (call) => ask(call, { do: "terminate", to: call.text(1) }),
    cancel,
    monitor: tie("monitor"),
    unmonitor: tie("unmonitor"),
    link: tie("link"),
    unlink: tie("unlink"),
    send,
    inbox,
    listen,
    unlisten,
    events,
    get_options: (call) => call.host.ports.processes.ask({ do: "options", from: call.host.pid }),
    set_options: setOptions,
    with_context: (call) => {
      checkBuilder(call, "context");
      return new Spawner({ values: call.record(1) });
    },
    with_options: (call) => new Spawner(readOptions(call.record(1))),
    upgrade,
    registry: {
      LOCAL: 0,
      EVENTUAL: 1,
      CONSISTENT: 2,
      STRONG: 3,
      register,
      lookup: (call) => call.host.ports.processes.ask({ do: "lookup", name: call.text(1) }),
      unregister: (call) => askAllowed(call.host, { do: "unregister", name: call.text(1) }),
    },
  },
};
