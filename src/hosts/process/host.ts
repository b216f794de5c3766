import type { Host } from "../host.ts";
import { processFace } from "./p2.ts";

/** Addresses, letters and relations between processes, for components. */
export const processHost: Host = {
  name: "process",
  summary: "The guest's own pid and mailbox, and other processes: spawn, send, monitor, link, cancel.",
  grants: ["process", "weft:runtime/process"],
  coreModules: false,
  p2: processFace,
};
