import { parseDurationMs } from "../../core/durations.ts";
import { WeftError } from "../../core/errors.ts";
import type { Value } from "../../core/values.ts";
import type { LuaCall } from "../../engine/lua/call.ts";
import type { Task } from "../../engine/lua/tasks/task.ts";
import type { InstanceContext } from "../context.ts";

type Call = LuaCall<InstanceContext>;

/** What each program holds, or waits for: undefined while it waits. */
const held = new WeakMap<Task, Map<string, Disposable | undefined>>();

/** Waits for a lock; false when it was not free in time. @throws WeftError when the program has it already. */
export async function acquire(call: Call): Promise<boolean> {
  const { task, host } = call;
  const [name, waitMs] = [lockName(call), waitOf(call)];
  const mine = held.get(task) ?? new Map<string, Disposable | undefined>();
  if (mine.has(name)) {
    throw new WeftError("INVALID_ARGUMENT", `this program holds the lock "${name}" already, or waits for it`);
  }
  held.set(task, mine.set(name, undefined));
  const { promise, resolve } = Promise.withResolvers<Value>();
  try {
    const request = { do: "lock", name, waitMs } as const;
    const claim = await host.ports.services.subscribe({ service: "system", request }, resolve);
    // From here on the end of the program gives it back, whether it has it by then or not.
    task.own(claim);
    if ((await promise) === true) mine.set(name, claim);
    else drop(task, claim);
  } finally {
    if (mine.get(name) === undefined) mine.delete(name);
  }
  return mine.has(name);
}

/** Gives a lock back; false when the program does not hold it. */
export function release(call: Call): boolean {
  const { task } = call;
  const name = lockName(call);
  const claim = held.get(task)?.get(name);
  if (claim === undefined) return false;
  held.get(task)?.delete(name);
  drop(task, claim);
  return true;
}

function drop(task: Task, claim: Disposable): void {
  task.disown(claim);
  claim[Symbol.dispose]();
}

function lockName(call: Call): string {
  const name = call.text(1);
  if (name === "") throw new WeftError("INVALID_ARGUMENT", "a lock has a name");
  call.host.ports.security.check("system.lock", name, call.host.call);
  return name;
}

/** Milliseconds, or a duration such as "5s"; nothing is for as long as it takes. */
function waitOf(call: Call): number | undefined {
  if (!call.has(2)) return undefined;
  const ms = call.typeOf(2) === "number" ? call.number(2) : parseDurationMs(call.text(2));
  if (ms !== undefined && ms >= 0 && ms <= 0x7fff_ffff) return ms;
  throw new WeftError("INVALID_ARGUMENT", "a timeout is a number of milliseconds, or a duration such as 5s");
}
