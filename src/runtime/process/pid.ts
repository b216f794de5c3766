import type { Pid } from "../../hosts/ports.ts";

/**
 * What a pid says about where it lives. A process is `{host|isolate.number}`, a function's execution
 * `{entry|isolate.fnumber}`; on another node it would be `{node@host|…}`.
 */
export interface Address {
  readonly isolate: number;
  /** The process's number; undefined for a function's execution. */
  readonly process: number | undefined;
}

/** What stands for the isolate in pids of the control plane's own: no isolate has this number. */
export const controlPlane = 65_535;

const form = /^\{[^|]*\|(\d+)\.(f?)(\d+)\}$/;

/** Those read last: whoever writes to somebody does so again. */
let read = new Map<string, Address>();
const maxRead = 1_000;
/** Anybody can write something like a pid, of any length. */
const longestRead = 256;

/** Reads a pid; undefined for a name. */
export function parsePid(text: string): Address | undefined {
  const known = read.get(text);
  if (known !== undefined) return known;
  const [, isolate, isFunction, number] = form.exec(text) ?? [];
  if (isolate === undefined) return undefined;
  const address = { isolate: Number(isolate), process: isFunction === "f" ? undefined : Number(number) };
  if (text.length > longestRead) return address;
  if (read.size >= maxRead) read = new Map();
  read.set(text, address);
  return address;
}

/** The number of a process; undefined for all else. The pids of functions, of which each is new, need not be read. */
export function processOf(pid: Pid): number | undefined {
  return pid.charAt(pid.lastIndexOf(".") + 1) === "f" ? undefined : parsePid(pid)?.process;
}

/** The pid of a process. */
export function processPid(host: string, isolate: number, number: number): Pid {
  return `{${host}|${isolate}.${number}}`;
}

/** The pid of a function's execution. */
export function functionPid(entry: string, isolate: number, number: number): Pid {
  return `{${entry}|${isolate}.f${number}}`;
}
