import { isWireError } from "../../core/errors.ts";
import { logLevels, logWith, type LogFields, type LogLevel } from "../../core/log.ts";
import type { Value } from "../../core/values.ts";
import type { LuaCall } from "../../engine/lua/call.ts";
import type { LuaClass, LuaFunction, LuaModule } from "../../engine/lua/module.ts";
import type { InstanceContext } from "../context.ts";

type Call = LuaCall<InstanceContext>;

/** A logger with fields and a name of its own. */
class Logger {
  readonly fields: Readonly<Record<string, Value>>;

  constructor(fields: Readonly<Record<string, Value>> = {}) {
    this.fields = fields;
  }

  with(fields: Readonly<Record<string, Value>>): Logger {
    return new Logger({ ...this.fields, ...fields });
  }

  named(name: string): Logger {
    const { logger } = this.fields;
    return this.with({ logger: typeof logger === "string" ? `${logger}.${name}` : name });
  }
}

/** Functions work with a dot and with a colon: `logger.info(m)`, `logger:info(m)`, `log:with(t):info(m)`. */
function receiver(call: Call): { readonly logger: Logger; readonly first: number } {
  const payload = call.payload(1);
  if (payload instanceof Logger) return { logger: payload, first: 2 };
  return { logger: new Logger(), first: call.typeOf(1) === "table" ? 2 : 1 };
}

function write(call: Call, level: LogLevel, message: string, fields: LogFields): void {
  const { id, pid, ports, call: context } = call.host;
  const trace = context.trace && { trace: context.trace.traceId };
  logWith(ports.log, { id, pid, location: call.location, ...trace })[level](message, fields);
}

/** Errors among the fields as a reader wants them: what they are and say, without stacks of the host. */
function shown(fields: Readonly<Record<string, Value>>): LogFields {
  const entries = Object.entries(fields).map(([key, value]) => {
    if (!isWireError(value)) return [key, value];
    const { message, kind, details } = value;
    return [key, kind === "Unknown" && Object.keys(details).length === 0 ? message : { message, kind, details }];
  });
  return Object.fromEntries(entries);
}

function lineOf(level: LogLevel): LuaFunction<InstanceContext> {
  return (call) => {
    const { logger, first } = receiver(call);
    write(call, level, call.display(first), shown({ ...logger.fields, ...call.record(first + 1) }));
  };
}

const methods: Readonly<Record<string, LuaFunction<InstanceContext>>> = {
  ...Object.fromEntries(logLevels.map((level) => [level, lineOf(level)])),
  with: (call) => {
    const { logger, first } = receiver(call);
    return logger.with(call.record(first));
  },
  named: (call) => {
    const { logger, first } = receiver(call);
    return logger.named(call.text(first));
  },
};

const loggerClass: LuaClass<InstanceContext> = { type: Logger, methods };

/** Structured log lines, each with the pid and place of the code that writes it. */
export const loggerModule: LuaModule<InstanceContext> = {
  name: "logger",
  always: false,
  classes: [loggerClass],
  table: methods,
};

/** `print`: a log line of level info. */
export const print: LuaFunction<InstanceContext> = (call) => {
  const shown = Array.from({ length: call.count }, (_, i) => call.display(i + 1));
  write(call, "info", shown.join("\t"), {});
};
