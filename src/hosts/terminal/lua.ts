import { WeftError } from "../../core/errors.ts";
import type { StdoutSink } from "../../core/stdio.ts";
import { results, type LuaCall, type Returned } from "../../engine/lua/call.ts";
import { LuaRaise } from "../../engine/lua/errors/raise.ts";
import type { LuaModule } from "../../engine/lua/module.ts";
import type { InstanceContext } from "../context.ts";

type Call = LuaCall<InstanceContext>;

const readLength = 1_024;
/** A line longer than this is given in pieces. */
const lineLength = 1 << 20;

const encoder = new TextEncoder();

function write(sink: StdoutSink | undefined, text: string): Returned {
  if (sink === undefined) throw new WeftError("GUEST_ERROR", "the stream is closed", { kind: "Unavailable" });
  try {
    sink.write(encoder.encode(text));
    return true;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPIPE")) throw error;
    // Raised: a program that goes on printing to nobody would never end.
    const options = { kind: "Unavailable", details: { errno: "EPIPE" }, cause: error } as const;
    throw new LuaRaise(new WeftError("GUEST_ERROR", "nobody reads the output any more", options));
  }
}

function shown(call: Call, separator: string): string {
  return Array.from({ length: call.count }, (_, i) => call.display(i + 1)).join(separator);
}

/** What a read took beyond its line, for the next read of the same task. */
const leftovers = new WeakMap<InstanceContext, Uint8Array>();

async function next(host: InstanceContext, limit: number): Promise<Uint8Array | undefined> {
  const left = leftovers.get(host);
  if (left === undefined) return await host.stdio.stdin?.read(limit);
  leftovers.delete(host);
  if (left.length > limit) leftovers.set(host, left.subarray(limit));
  return left.subarray(0, limit);
}

async function read(call: Call): Promise<Returned> {
  const bytes = await next(call.host, call.has(1) ? call.integer(1) : readLength);
  return bytes ?? results(null, null);
}

async function readLine(call: Call): Promise<Returned> {
  const { host } = call;
  const pieces: Uint8Array[] = [];
  for (let length = 0; length < lineLength;) {
    const piece = await next(host, readLength);
    if (piece === undefined) break;
    const end = piece.indexOf(10);
    if (end >= 0) {
      if (end + 1 < piece.length) leftovers.set(host, piece.subarray(end + 1));
      pieces.push(piece.subarray(0, end));
      return lineOf(pieces);
    }
    pieces.push(piece);
    length += piece.length;
  }
  return pieces.length === 0 ? results(null, null) : lineOf(pieces);
}

function lineOf(pieces: readonly Uint8Array[]): Uint8Array {
  const line = Buffer.concat(pieces);
  return line.at(-1) === 13 ? line.subarray(0, -1) : line;
}

/** Has the terminal hand over keys one by one, or lines again; lines come back when the program ends. */
async function raw(call: Call): Promise<Returned> {
  const { stdio, ports } = call.host;
  const on = call.truthy(1);
  if (stdio.stdin?.isTerminal !== true) {
    throw new WeftError("UNSUPPORTED", "io.raw needs a terminal, and the program has none");
  }
  const { task } = call;
  const set = (isRaw: boolean) => ports.services.ask({ service: "terminal", request: { do: "raw", on: isRaw } });
  await set(on);
  if (on) task.own({ [Symbol.dispose]: () => void set(false).catch(() => undefined) });
  return true;
}

/** The standard streams and arguments of a command. */
export const ioModule: LuaModule<InstanceContext> = {
  name: "io",
  always: false,
  table: {
    write: (call) => write(call.host.stdio.stdout, shown(call, "")),
    print: (call) => write(call.host.stdio.stdout, `${shown(call, "\t")}\n`),
    eprint: (call) => write(call.host.stdio.stderr, `${shown(call, "\t")}\n`),
    read,
    readline: readLine,
    flush: () => true,
    raw,
    args: (call) => call.host.args,
  },
};
