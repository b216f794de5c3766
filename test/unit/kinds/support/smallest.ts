import type { EntryData } from "../../../../src/registry/entry.ts";

/** What `meta` must say. */
export const smallestMeta: Readonly<Record<string, EntryData>> = {
  "http.router": { server: "server" },
  "http.endpoint": { router: "router" },
  "http.static": { server: "server" },
};

/** The least that each kind takes. */
export const smallest: Readonly<Record<string, EntryData>> = {
  "contract.definition": { methods: [] },
  "contract.binding": { contracts: [] },
  "queue.driver.memory": {},
  "queue.queue": { driver: "driver" },
  "queue.consumer": { queue: "queue", func: "handler" },
  "registry.entry": {},
  "ns.definition": {},
  "ns.dependency": { component: "org/name" },
  "ns.requirement": { targets: [] },
  "env.storage.memory": {},
  "env.storage.os": {},
  "env.storage.file": { file_path: ".env" },
  "env.storage.static": { values: {} },
  "env.storage.router": { storages: ["memory"] },
  "env.variable": { storage: "memory" },
  "fs.directory": { directory: "." },
  "function.wat": { source: "(module)", method: "f" },
  "function.wasm": { fs: "guests", path: "a.wasm", method: "f" },
  "process.wasm": { fs: "guests", path: "a.wasm" },
  "function.lua": { source: "return 1" },
  "library.lua": { source: "return 1" },
  "process.lua": { source: "return 1" },
  "process.host": {},
  "process.service": { process: "worker", host: "host" },
  "security.policy": { policy: { actions: "*", resources: "*", effect: "allow" } },
  "security.policy.expr": { policy: { actions: "*", resources: "*", effect: "allow", expression: "true" } },
  "security.token_store": { store: "kept" },
  "store.memory": {},
  "db.sql.sqlite": { file: ":memory:" },
  "terminal.host": {},
  "http.service": { addr: ":0" },
  "http.router": {},
  "http.endpoint": { method: "GET", path: "/", func: "handler" },
  "http.static": { path: "/", fs: "files" },
};
