import { WeftError } from "../../core/errors.ts";
import type { EntryId } from "../../core/ids.ts";
import type { Value } from "../../core/values.ts";
import type { InstanceContext } from "../context.ts";
import type { Letter, Pid, ProcessRequest, SpawnRequest } from "../ports.ts";

/** What both faces do with processes, if the program is allowed to. Each @throws WeftError `PERMISSION_DENIED`. */

type Program = Pick<InstanceContext, "call" | "pid" | "ports">;

/** By the numbers of `process.registry.LOCAL` and so on. */
const registrations = ["", ".eventual", ".consistent", ".strong"];

/** Starts a process. */
export async function spawnAllowed(program: Program, request: SpawnRequest): Promise<Pid> {
  const { ports, call } = program;
  ports.security.checkEntry("process.spawn", request.id, call);
  if (request.monitor) ports.security.checkEntry("process.spawn.monitored", request.id, call);
  if (request.link === true) ports.security.checkEntry("process.spawn.linked", request.id, call);
  ports.security.check("process.host", request.host, call);
  await checkName(program, request);
  return await ports.processes.spawn(request);
}

/** A name that is taken makes its holder get the letters. */
async function checkName(program: Program, { name, letters = [] }: SpawnRequest): Promise<void> {
  const { ports, call, pid } = program;
  if (name === undefined || !ports.security.judges(call)) return;
  ports.security.check("process.registry.register", name, call);
  const holder = letters.length === 0 ? name : await resolve(program, name);
  if (holder !== name) ports.security.check("process.send", holder, call, { pid, name });
}

/** Starts a process and waits for its end. */
export async function execAllowed({ ports, call }: Program, request: SpawnRequest): Promise<Value> {
  ports.security.checkEntry("process.exec", request.id, call);
  ports.security.check("process.host", request.host, call);
  return await ports.processes.exec(request);
}

/** Lets a process go on as another program: as much as spawning that. */
export function checkUpgrade({ ports, call }: Program, id: EntryId): void {
  ports.security.checkEntry("process.spawn", id, call);
}

/** Asks the process table. `registration` is the reach of a name. */
export async function askAllowed(program: Program, request: ProcessRequest, registration = 0): Promise<Value> {
  const { ports, call, pid } = program;
  const { security } = ports;
  switch (request.do) {
    case "lookup":
    case "options":
    case "trap-links":
      break;
    case "register":
      security.check(`process.registry.register${registrations[registration] ?? ""}`, request.name, call);
      if (request.pid !== pid) security.check("process.registry.foreign", request.pid, call);
      break;
    case "unregister":
      security.check("process.registry.unregister", request.name, call);
      break;
    default: {
      if (!security.judges(call)) break;
      const to = await resolve(program, request.to);
      security.check(`process.${request.do}`, to, call, { pid, name: request.to });
      return await ports.processes.ask({ ...request, to });
    }
  }
  return await ports.processes.ask(request);
}

/** Writes to a process. */
export function sendAllowed(program: Program, to: string, letter: Letter): undefined | Promise<undefined> {
  const { ports, call, pid } = program;
  if (!ports.security.judges(call)) return ports.processes.send(to, letter);
  if (isPid(to)) {
    ports.security.check("process.send", to, call, { pid, name: to });
    return ports.processes.send(to, letter);
  }
  return resolve(program, to).then((target) => {
    ports.security.check("process.send", target, call, { pid, name: to });
    return ports.processes.send(target, letter);
  });
}

/** The pid behind a name: policies speak of pids, and a name may change hands between the question and the deed. */
async function resolve({ ports }: Program, to: string): Promise<Pid> {
  if (isPid(to)) return to;
  try {
    const found = await ports.processes.ask({ do: "lookup", name: to });
    return typeof found === "string" ? found : to;
  } catch (error) {
    // The deed itself says what is wrong with a name that nobody has.
    if (error instanceof WeftError && error.code === "NAME_NOT_FOUND") return to;
    throw error;
  }
}

/** What the process table takes for a pid; all else is a name. */
const pidForm = /^\{[^|]*\|\d+\.f?\d+\}$/;

function isPid(to: string): boolean {
  return pidForm.test(to);
}
