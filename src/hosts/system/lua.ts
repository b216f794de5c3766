import { availableParallelism, cpus, hostname } from "node:os";
import { getHeapStatistics } from "node:v8";
import { WeftError } from "../../core/errors.ts";
import { parseId, resolveId } from "../../core/ids.ts";
import type { LuaCall, Returned } from "../../engine/lua/call.ts";
import { Native, type LuaFunction, type LuaModule, type ModuleTable } from "../../engine/lua/module.ts";
import type { InstanceContext } from "../context.ts";

type Call = LuaCall<InstanceContext>;

/** The name of the only node there is. */
const localNode = "local";

/** The isolate's heap, and what the whole process holds. */
function memoryStats(): Returned {
  const { rss, heapTotal, heapUsed, external, arrayBuffers } = process.memoryUsage();
  return {
    alloc: heapUsed,
    heap_alloc: heapUsed,
    heap_in_use: heapUsed,
    heap_sys: heapTotal,
    sys: rss,
    external,
    array_buffers: arrayBuffers,
  };
}

function collect(): Returned {
  if (globalThis.gc === undefined) {
    throw new WeftError("UNSUPPORTED", "system.gc.collect is not supported: Weft was started without --expose-gc");
  }
  globalThis.gc();
  return true;
}

function service(call: Call): Returned {
  const id = resolveId(call.text(1), parseId(call.host.id).namespace);
  return call.host.ports.services.ask({ service: "system", request: { do: "service", id } });
}

/** Functions of other runtimes that mean nothing here, or nothing yet. */
const unsupported = (
  group: string,
  ...names: readonly string[]
): Readonly<Record<string, LuaFunction<InstanceContext>>> =>
  Object.fromEntries(
    names.map((name) => [
      name,
      () => {
        throw new WeftError("UNSUPPORTED", `system.${group === "" ? "" : `${group}.`}${name} is not supported`);
      },
    ]),
  );

const table: ModuleTable<InstanceContext> = {
  ...unsupported("", "exit"),
  memory: {
    stats: memoryStats,
    allocated: () => process.memoryUsage().heapUsed,
    get_limit: () => getHeapStatistics().heap_size_limit,
    ...unsupported("memory", "heap_objects", "set_limit"),
  },
  gc: { collect, ...unsupported("gc", "set_percent", "get_percent") },
  runtime: {
    max_procs: () => availableParallelism(),
    cpu_count: () => cpus().length,
    ...unsupported("runtime", "goroutines"),
  },
  process: { pid: () => process.pid, hostname: () => hostname() },
  supervisor: {
    state: service,
    states: (call) => call.host.ports.services.ask({ service: "system", request: { do: "services" } }),
  },
  node: { id: () => localNode, role: () => "standalone", ...unsupported("node", "addr") },
  cluster: unsupported("cluster", "members", "leader", "info"),
  raft: unsupported("raft", "state", "leader", "stats"),
  lock: unsupported("lock", "acquire", "release"),
};

/** Actions of groups, and of functions by themselves, that are more than reading. */
const actions: Readonly<Record<string, string>> = { gc: "system.gc", exit: "system.exit", lock: "system.lock" };

/** The same functions, asked for as an action on the group that they are in. */
function checked(functions: ModuleTable<InstanceContext>, group = ""): ModuleTable<InstanceContext> {
  return Object.fromEntries(
    Object.entries(functions).map(([name, item]) => {
      if (typeof item === "object" && !(item instanceof Native)) return [name, checked(item, name)];
      if (typeof item !== "function") return [name, item];
      const resource = group === "" ? name : group;
      const allowed: LuaFunction<InstanceContext> = (call) => {
        call.host.ports.security.check(actions[resource] ?? "system.read", resource, call.host.call);
        return item(call);
      };
      return [name, allowed];
    }),
  );
}

/** What there is to know about the app, its process and its machine. `moduleNames` lists the modules for programs. */
export function systemModule(moduleNames: () => readonly string[]): LuaModule<InstanceContext> {
  const whole = checked({ ...table, modules: () => moduleNames() });
  return { name: "system", always: false, table: whole };
}
