import type { LuaFunction, LuaModule } from "../engine/lua/module.ts";
import { base64Module } from "./base64/lua.ts";
import type { InstanceContext } from "./context.ts";
import { contractModule } from "./contract/lua.ts";
import { cryptoModule } from "./crypto/lua.ts";
import { ctxModule } from "./ctx/lua.ts";
import { envModule } from "./env/lua.ts";
import { eventsModule } from "./events/lua.ts";
import { fsModule } from "./filesystem/lua.ts";
import { Future } from "./funcs/future.ts";
import { funcsModule } from "./funcs/lua.ts";
import { hashModule } from "./hash/lua.ts";
import { httpClientModule } from "./http-client/lua.ts";
import { jsonModule } from "./json/lua.ts";
import { plainJson, validate } from "./json/schema.ts";
import { loggerModule, print } from "./logger/lua.ts";
import { metricsModule } from "./metrics/lua.ts";
import { processModule } from "./process/lua.ts";
import { listen, unlisten } from "./process/mailbox.ts";
import { queueModule } from "./queue/lua.ts";
import { registryModule } from "./registry/lua.ts";
import { securityModule } from "./security/lua.ts";
import { sqlModule } from "./sql/lua.ts";
import { storeModule } from "./store/lua.ts";
import { httpModule } from "./http/lua.ts";
import { ioModule } from "./terminal/lua.ts";
import { streamModule } from "./stream/lua.ts";
import { systemModule } from "./system/lua.ts";
import { textModule } from "./text/lua.ts";
import { timeModule } from "./time/lua.ts";
import { uuidModule } from "./uuid/lua.ts";
import { yamlModule } from "./yaml/lua.ts";

const modules: readonly LuaModule<InstanceContext>[] = [
  base64Module,
  contractModule({
    startFuture: (starter, work) => Future.start(starter, work),
    validate: (schema, value) => validate(schema, plainJson(value)),
  }),
  cryptoModule,
  ctxModule,
  envModule,
  eventsModule,
  fsModule,
  funcsModule,
  hashModule,
  httpClientModule,
  httpModule,
  ioModule,
  jsonModule,
  loggerModule,
  metricsModule,
  processModule,
  queueModule,
  registryModule,
  securityModule,
  sqlModule,
  storeModule,
  streamModule,
  systemModule(() => modules.map(({ name }) => name)),
  textModule,
  timeModule,
  uuidModule,
  yamlModule,
];

/** The Lua modules of all hosts, by the names that programs write under `modules:`. */
export const luaModules: ReadonlyMap<string, LuaModule<InstanceContext>> = new Map(
  modules.map((module) => [module.name, module]),
);

/** Functions that every Lua program finds among its globals. */
export const luaGlobals: Readonly<Record<string, LuaFunction<InstanceContext>>> = {
  print,
  subscribe: listen,
  unsubscribe: unlisten,
};
