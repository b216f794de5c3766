import { logLevels, type Log, type LogLevel } from "../core/log.ts";
import { toValue, type Value } from "../core/values.ts";

/** A log line as an event of the app's bus. */
export interface LogEvent {
  readonly system: "logs";
  readonly kind: LogLevel;
  /** Where the line was written, as far as it says so. */
  readonly path: string;
  readonly data: Value;
}

/** A log that also tells its lines of at least a weight to somebody. */
export function logWithEvents(log: Log, least: LogLevel, hear: (event: LogEvent) => void): Log {
  const at = (kind: LogLevel): Log[LogLevel] => {
    if (logLevels.indexOf(kind) < logLevels.indexOf(least)) return (message, fields) => log[kind](message, fields);
    return (message, fields = {}) => {
      log[kind](message, fields);
      const path = [fields["location"], fields["pid"]].find((field) => typeof field === "string") ?? "";
      hear({ system: "logs", kind, path, data: { message, ...plain(fields) } });
    };
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** Fields as programs may have them: what cannot cross a call is told as text. */
function plain(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, Value>> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => {
      try {
        return [name, toValue(field, name)];
      } catch {
        return [name, String(field)];
      }
    }),
  );
}
