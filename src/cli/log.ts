import { monotonicMs } from "../core/clock.ts";
import { silentLog, type Log, type LogFields, type LogFormat, type LogLevel } from "../core/log.ts";
import type { Style } from "./screen.ts";

/** Levels on the command line: those of `Log`, and none. */
export const cliLogLevels = ["debug", "info", "warn", "error", "silent"] as const;
export type CliLogLevel = LogLevel | "silent";

/** Where log lines go and how they look. */
export interface LogOptions {
  readonly level: CliLogLevel;
  readonly format: LogFormat;
  write(line: string): void;
  readonly paint: (style: Style, text: string) => string;
}

/** The command line's log: pino behind the four methods that the rest of Weft knows. */
export async function createLog(options: LogOptions): Promise<Log> {
  if (options.level === "silent") return silentLog;
  const { pino } = await import("pino");
  const destination = {
    write: (line: string) => options.write(options.format === "json" ? line : formatLine(line, options)),
  };
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void =>
      logger[level](fields, message);
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

const started = monotonicMs();
const levelStyles: Readonly<Record<string, Style>> = { debug: "dim", info: "green", warn: "yellow", error: "red" };

/** One of pino's lines for people: seconds since the start, level, message, fields. */
function formatLine(line: string, { paint }: LogOptions): string {
  const parsed: unknown = JSON.parse(line);
  if (typeof parsed !== "object" || parsed === null) return line;
  const { level, time: _time, msg, ...fields } = { level: "", time: "", msg: "", ...parsed };
  const seconds = ((monotonicMs() - started) / 1_000).toFixed(3).padStart(7);
  const rest = Object.entries(fields).map(([key, value]) => ` ${paint("dim", `${key}=`)}${field(value)}`);
  return `${paint("dim", seconds)} ${paint(levelStyles[level] ?? "dim", level.padEnd(5))} ${msg}${rest.join("")}\n`;
}

function field(value: unknown): string {
  return typeof value === "string" && /^[^\s"]+$/.test(value) ? value : JSON.stringify(value);
}
