import { WeftError } from "../../../core/errors.ts";
import { nearestNames } from "../../../core/nearest.ts";
import type { Compiled } from "../environment/environment.ts";
import type { Runtime } from "../runtime.ts";
import { tag, type LuaTable, type LuaValue } from "../state/lua.ts";
import type { Fiber } from "./fiber.ts";
import type { Task } from "./task.ts";

/** A program about to run in a task. */
export interface Start<Host> {
  readonly runtime: Runtime<Host>;
  readonly task: Task;
  readonly compiled: Compiled;
  readonly globals: LuaTable;
}

const none: readonly LuaValue[] = [];

/** Makes a task's main fiber: it runs the chunk, then the function that the chunk gave, and ends the task. */
export function startProgram<Host>(start: Start<Host>, args: readonly LuaValue[]): void {
  const { runtime, task, compiled, globals } = start;
  const { lua } = runtime;
  const thread = lua.newThread();
  lua.pushClosure(thread, compiled.prototype, globals);
  // Let go of once they are on the stack: the task may wait for long.
  let values = args;
  let isLoaded = false;
  task.spawn(thread, 0, (fiber) => {
    if (isLoaded) return finish(start, fiber);
    isLoaded = true;
    const main = mainFunction(start, lua.top(thread) === 0 ? lua.nil : lua.copyAt(thread, 1));
    if (main instanceof WeftError) return task.fail(main);
    lua.setTop(thread, 0);
    lua.reserve(thread, values.length + 1);
    lua.push(thread, main);
    for (const value of values) lua.push(thread, value);
    fiber.restart(values.length);
    values = none;
    task.wake(fiber);
  });
}

function mainFunction<Host>(
  { runtime: { lua }, compiled: { program } }: Start<Host>,
  returned: LuaValue,
): LuaValue | WeftError {
  if (isFunction(returned)) return returned;
  const { method, name } = program;
  if (!lua.isTable(returned)) {
    const problem = "its source must return a function, or a table that holds the function named under method:";
    return new WeftError("METHOD_NOT_FOUND", `${name} returns nothing that can be called: ${problem}`);
  }
  if (method === undefined) {
    return new WeftError("METHOD_NOT_FOUND", `${name} returns a table: name its function under method:`);
  }
  const found = lua.get(returned, method);
  if (isFunction(found)) return found;
  const names: string[] = [];
  lua.each(returned, (key, value) => {
    if (isFunction(value)) names.push(lua.text(key) ?? "");
  });
  const [nearest] = nearestNames(method, names, 1);
  const hint = nearest === undefined ? `it has ${names.join(", ") || "none"}` : `did you mean "${nearest}"?`;
  return new WeftError("METHOD_NOT_FOUND", `${name} has no function "${method}": ${hint}`);
}

function isText({ type }: LuaValue): boolean {
  return type === tag.string || type === tag.shortString;
}

function isFunction({ type }: LuaValue): boolean {
  return type === tag.luaFunction || type === tag.hostFunction || type === tag.hostClosure;
}

/** Only the first result travels; a second that is a text or an error object marks a failure. */
function finish<Host>({ runtime, task }: Start<Host>, { thread }: Fiber): void {
  const { lua, failures } = runtime;
  const error = lua.at(thread, 2);
  const isFailure = isText(error) || lua.payload(error) instanceof WeftError;
  if (isFailure) return task.fail(failures.fromValue(error, ""));
  try {
    task.finish(runtime.fromLua(lua.at(thread, 1), "result", runtime.strangersOf(task)));
  } catch (thrown) {
    if (!(thrown instanceof WeftError)) throw thrown;
    task.fail(new WeftError("INVALID_RESULT", `${task.program.name}: ${thrown.message}`, { details: thrown.details }));
  }
}
