import type { Log, LogFields, LogLevel } from "../../core/log.ts";
import type { DispatcherPort, Ports, ProcessPort } from "../../hosts/ports.ts";
import type { Gate } from "../../hosts/security/gate.ts";
import type { Mail } from "./mail.ts";
import type { Uplink } from "./uplink.ts";

/** What the ports of an isolate lead to. */
export interface PortParts {
  readonly dispatcher: DispatcherPort;
  readonly uplink: Uplink;
  readonly mail: Mail;
  readonly security: Gate;
  readonly send: ProcessPort["send"];
}

/** Fills the ports through which hosts reach the runtime around them. */
export function createPorts({ dispatcher, uplink, mail, security, send }: PortParts): Ports {
  return {
    dispatcher,
    registry: {
      get: (id) => uplink.getEntry(id),
      find: (filter) => uplink.findEntries(filter),
    },
    processes: {
      spawn: (request) => {
        if (request.monitor || request.link === true) mail.open(request.context.pid);
        return uplink.spawn(request);
      },
      exec: (request) => uplink.exec(request),
      ask: (request) => uplink.askProcesses(request),
      open: (pid) => mail.open(pid),
      send,
      events: (pid, listener) => mail.events(pid, listener),
      inbox: (pid, listener) => mail.inbox(pid, listener),
      listen: (pid, topic, listener) => mail.listen(pid, topic, listener),
    },
    services: {
      ask: (request) => uplink.askService(request),
      subscribe: (request, hear) => uplink.subscribe(request, hear),
    },
    security,
    log: uplinkLog(uplink),
  };
}

function uplinkLog(uplink: Uplink): Log {
  const line =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void =>
      uplink.send({ type: "log", level, message, fields });
  return { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
}
