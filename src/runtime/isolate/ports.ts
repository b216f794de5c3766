import type { Log, LogFields, LogLevel } from "../../core/log.ts";
import type { DispatcherPort, Ports } from "../../hosts/ports.ts";
import type { Mail } from "./mail.ts";
import type { Uplink } from "./uplink.ts";

/** What the ports of an isolate lead to. */
export interface PortParts {
  readonly dispatcher: DispatcherPort;
  readonly uplink: Uplink;
  readonly mail: Mail;
}

/** Fills the ports through which hosts reach the runtime around them. */
export function createPorts({ dispatcher, uplink, mail }: PortParts): Ports {
  return {
    dispatcher,
    registry: {
      get: (id) => uplink.getEntry(id),
      find: (filter) => uplink.findEntries(filter),
    },
    processes: {
      spawn: (request) => {
        if (request.monitor) mail.open(request.context.pid);
        return uplink.spawn(request);
      },
      exec: (request) => uplink.exec(request),
      terminate: (pid) => uplink.terminate(pid),
      events: (pid, listener) => mail.listen(pid, listener),
    },
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
