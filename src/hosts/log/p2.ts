import { logWith, type LogLevel } from "../../core/log.ts";
import type { InstanceContext } from "../context.ts";
import type { ComponentFace } from "../host.ts";
import { nothingToClose } from "../io/p2.ts";

/** Characters of a message or context that are logged: enough for a stack trace, too few to fill a disk with one call. */
export const loggedCharacters = 16 << 10;

/** The enum `level`. The log of an application has four; `critical` says so in a field. */
const levels = {
  trace: "debug",
  debug: "debug",
  info: "info",
  warn: "warn",
  error: "error",
  critical: "error",
} as const satisfies Readonly<Record<string, LogLevel>>;

/** `wasi:logging`, the draft (https://github.com/WebAssembly/wasi-logging): each line with the entry and pid that writes it. */
export const logFace: ComponentFace = {
  interfaces: { "wasi:logging/logging": { version: "0.1.0-draft", suspending: [] } },
  bind: (instance: InstanceContext) =>
    nothingToClose({
      "wasi:logging/logging": {
        log(level: keyof typeof levels, context: string, message: string): void {
          const { id, pid, ports } = instance;
          const named = context === "" ? {} : { logger: shortened(context) };
          const exact = level === "trace" || level === "critical" ? { level } : {};
          logWith(ports.log, { id, pid })[levels[level]](shortened(message), { ...named, ...exact });
        },
      },
    }),
};

function shortened(text: string): string {
  return text.length <= loggedCharacters ? text : `${text.slice(0, loggedCharacters)}…`;
}
