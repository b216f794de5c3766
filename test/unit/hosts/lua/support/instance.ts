import { rootContext, type CallContext } from "../../../../../src/core/context.ts";
import { WeftError } from "../../../../../src/core/errors.ts";
import { silentLog, type Log, type LogFields } from "../../../../../src/core/log.ts";
import { openServices } from "../../support/services.ts";
import { closedStdio, type Stdio } from "../../../../../src/core/stdio.ts";
import type { Value } from "../../../../../src/core/values.ts";
import { createLuaEngine, type LuaEngine } from "../../../../../src/engine/lua/engine.ts";
import type { LuaProgram } from "../../../../../src/engine/lua/program.ts";
import type { InstanceContext } from "../../../../../src/hosts/context.ts";
import { luaGlobals, luaModules } from "../../../../../src/hosts/lua.ts";
import type { CallRequest, EntryView, ProcessEvent, SpawnRequest } from "../../../../../src/hosts/ports.ts";
import type { ServiceOffer } from "../../../../../src/hosts/services.ts";
import { Gate } from "../../../../../src/hosts/security/gate.ts";
import { Policies } from "../../../../../src/hosts/security/policies.ts";
import type { SecuritySettings } from "../../../../../src/hosts/security/spec.ts";
import type { WitFunction } from "../../../../../src/wit/types.ts";

/** A function that Lua can call by id: another Lua program, or JavaScript standing in for a wasm guest. */
export interface Callee {
  readonly signature?: WitFunction;
  readonly resultForm?: "pair" | "table";
  readonly run: (args: readonly Value[], context: CallContext) => Value | Promise<Value>;
}

/** The world around the programs of a test. */
export interface World {
  readonly callees?: Readonly<Record<string, Callee>>;
  /** Bodies of Lua functions by id, called by their ids with their results. */
  readonly functions?: Readonly<Record<string, string>>;
  readonly entries?: readonly EntryView[];
  /** What entries offer through the shared halves of hosts. */
  readonly offers?: Readonly<Record<string, ServiceOffer>>;
  readonly security?: SecuritySettings;
  readonly stdio?: Stdio;
  readonly args?: readonly string[];
  readonly context?: Partial<CallContext>;
}

export interface Instance {
  readonly engine: LuaEngine<InstanceContext>;
  /** What the log was told: level, message, fields. */
  readonly lines: (readonly [string, string, LogFields])[];
  readonly spawned: SpawnRequest[];
  readonly services: ReturnType<typeof openServices>;
  /** Tells the programs of a test what happened to a process. */
  readonly emit: (event: ProcessEvent) => void;
  readonly run: (body: string, ...args: Value[]) => Value | Promise<Value>;
}

const moduleNames = [...luaModules.keys()];

function program(name: string, body: string): LuaProgram {
  const source = `return function(...) ${body}\nend`;
  return {
    type: "lua",
    name,
    source,
    file: `${name}.lua`,
    firstLine: 1,
    method: undefined,
    modules: moduleNames,
    imports: {},
  };
}

/** An engine with every module of the hosts, over ports that lead to the given world. */
export function instance(world: World = {}): Instance {
  const lines: (readonly [string, string, LogFields])[] = [];
  const spawned: SpawnRequest[] = [];
  const listeners = new Set<(event: ProcessEvent) => void>();
  const engine = createLuaEngine<InstanceContext>({
    modules: luaModules,
    globals: luaGlobals,
    library: () => undefined,
  });
  const runAs = (id: string, body: string, args: readonly Value[], call: CallContext): Value | Promise<Value> =>
    engine.run(program(id, body), args, {
      host: host(id, call),
      cancellation: call.cancellation,
      deadline: call.deadline,
    });
  const call = ({ id, args, context }: CallRequest): Value | Promise<Value> => {
    context.cancellation.throwIfCanceled();
    const callee = world.callees?.[id];
    if (callee !== undefined) return callee.run(args, context);
    const body = world.functions?.[id];
    if (body === undefined)
      throw new WeftError("ENTRY_NOT_FOUND", `there is no entry ${id}`, { details: { target: id } });
    return runAs(id, body, args, context);
  };
  const policies = new Policies();
  if (world.security !== undefined) policies.replace(world.security);
  const services = openServices(world.offers ?? {}, async (request) => await call(request));
  const host = (id: string, context: CallContext): InstanceContext => ({
    id,
    pid: "{app:host|1}",
    call: context,
    limits: {},
    stdio: world.stdio ?? closedStdio,
    args: world.args ?? [],
    env: {},
    cwd: "/",
    mounts: [],
    ports: {
      dispatcher: {
        describe(target) {
          const callee = world.callees?.[target];
          return callee && { signature: callee.signature, resultForm: callee.resultForm ?? "pair" };
        },
        call,
      },
      registry: {
        get: (target) => findEntry(world.entries ?? [], target),
        find: (filter) => Promise.resolve((world.entries ?? []).filter((entry) => entry.kind === filter["kind"])),
      },
      processes: {
        spawn(request) {
          spawned.push(request);
          return Promise.resolve("{app:host|2}");
        },
        exec: async (request) =>
          await call({ id: request.id, args: request.args, checked: false, context: request.context }),
        ask: () => Promise.reject(new WeftError("PROCESS_NOT_FOUND", "no such process")),
        open: () => undefined,
        send: () => {
          throw new WeftError("PROCESS_NOT_FOUND", "no such process");
        },
        inbox: () => ({ [Symbol.dispose]() {} }),
        listen: () => ({ [Symbol.dispose]() {} }),
        events(_pid, listener) {
          listeners.add(listener);
          return { [Symbol.dispose]: () => void listeners.delete(listener) };
        },
      },
      services,
      security: new Gate(policies, () => undefined),
      log: recording(lines),
    },
  });
  return {
    engine,
    lines,
    spawned,
    services,
    emit: (event) => {
      for (const listener of listeners) listener(event);
    },
    run: (body, ...args) => runAs("app:main", body, args, rootContext(world.context)),
  };
}

async function findEntry(entries: readonly EntryView[], id: string): Promise<EntryView> {
  const found = entries.find((entry) => entry.id === id);
  if (found === undefined) throw new WeftError("ENTRY_NOT_FOUND", `there is no entry ${id}`);
  return await Promise.resolve(found);
}

function recording(lines: (readonly [string, string, LogFields])[]): Log {
  const line =
    (level: string) =>
    (message: string, fields: LogFields = {}) =>
      void lines.push([level, message, fields]);
  return { ...silentLog, debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
}
