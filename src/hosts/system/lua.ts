import { availableParallelism, cpus, hostname } from "node:os";
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { WeftError } from "../../core/errors.ts";
import { parseId, resolveId } from "../../core/ids.ts";
import type { LuaCall, Returned } from "../../engine/lua/call.ts";
import { Native, type LuaFunction, type LuaModule, type ModuleTable } from "../../engine/lua/module.ts";
import type { InstanceContext } from "../context.ts";
import { acquire, release } from "./lock-functions.ts";

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

/** V8 shows its collector only to a context that is made while the flag is set. */
function collector(): () => void {
  if (globalThis.gc !== undefined) return globalThis.gc;
  setFlagsFromString("--expose-gc");
  const gc: unknown = runInNewContext("gc");
  setFlagsFromString("--no-expose-gc");
  return () => void (typeof gc === "function" && Reflect.apply(gc, undefined, []));
}

let gc: (() => void) | undefined;

function collect(): Returned {
  gc ??= collector();
  gc();
  return true;
}

function service(call: Call): Returned {
  const id = resolveId(call.text(1), parseId(call.host.id).namespace);
  return call.host.ports.services.ask({ service: "system", request: { do: "service", id } });
}

/** Ends the app in order. The caller goes on until it is told to stop, as at a signal. */
function exit(call: Call): Returned {
  const code = call.has(1) ? call.integer(1) : 0;
  if (code < 0 || code > 255) throw new WeftError("INVALID_ARGUMENT", `an exit code is 0 to 255, not ${code}`);
  return call.host.ports.services.ask({ service: "system", request: { do: "exit", code } });
}

/** The only node, as one of a cluster. */
const itself = { id: localNode, addr: "", role: "standalone", leader: true } as const;

/** A function of other runtimes that can mean nothing here, and why. */
const unsupported = (name: string, why: string): LuaFunction<InstanceContext> => {
  return () => {
    throw new WeftError("UNSUPPORTED", `system.${name} is not supported: ${why}`);
  };
};

const decidesItself = "V8 decides by itself when to collect garbage";

const table: ModuleTable<InstanceContext> = {
  exit,
  memory: {
    stats: memoryStats,
    allocated: () => process.memoryUsage().heapUsed,
    get_limit: () => getHeapStatistics().heap_size_limit,
    heap_objects: unsupported("memory.heap_objects", "V8 keeps no count of objects; memory.stats() tells bytes"),
    set_limit: unsupported(
      "memory.set_limit",
      "a running heap keeps its limit; set `memory_limit` in weft.yaml (or start with -m SIZE), or bound an entry with `limits`",
    ),
  },
  gc: {
    collect,
    set_percent: unsupported("gc.set_percent", decidesItself),
    get_percent: unsupported("gc.get_percent", decidesItself),
  },
  runtime: {
    max_procs: () => availableParallelism(),
    cpu_count: () => cpus().length,
    goroutines: (call) => call.host.ports.services.ask({ service: "system", request: { do: "running" } }),
  },
  process: { pid: () => process.pid, hostname: () => hostname() },
  supervisor: {
    state: service,
    states: (call) => call.host.ports.services.ask({ service: "system", request: { do: "services" } }),
  },
  node: {
    id: () => localNode,
    role: () => itself.role,
    // The only node has none, because it speaks with no other.
    addr: () => itself.addr,
  },
  cluster: {
    members: () => [itself],
    leader: () => localNode,
    info: () => ({ id: localNode, enabled: false, size: 1 }),
  },
  raft: { state: () => "leader", leader: () => localNode, stats: () => ({ state: "leader", num_peers: 0 }) },
  lock: { acquire, release },
};

/** What a function needs beyond `system.read` on its group; `lock` asks by itself, for each lock. */
const actions: Readonly<Record<string, string>> = {
  gc: "system.gc",
  exit: "system.exit",
  set_limit: "system.control",
};

/** The same functions, asked for as an action on the group that they are in. */
function checked(functions: ModuleTable<InstanceContext>, group = ""): ModuleTable<InstanceContext> {
  return Object.fromEntries(
    Object.entries(functions).map(([name, item]) => {
      if (typeof item === "object" && !(item instanceof Native)) return [name, checked(item, name)];
      if (typeof item !== "function") return [name, item];
      if (group === "lock") return [name, item];
      const resource = group === "" ? name : group;
      const action = actions[name] ?? actions[resource] ?? "system.read";
      const allowed: LuaFunction<InstanceContext> = (call) => {
        call.host.ports.security.check(action, resource, call.host.call);
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
