import { GuestExit } from "../../core/exit.ts";
import type { StdinSource, StdoutSink } from "../../core/stdio.ts";
import type { InstanceContext } from "../context.ts";
import type { BoundInterfaces, ComponentFace, HostInterface } from "../host.ts";
import { ByteReader, type ByteSource, emptySource } from "../io/byte-reader.ts";
import { InputStream } from "../io/input-stream.ts";
import { IoError } from "../io/io-error.ts";
import { type ByteSink, OutputStream } from "../io/output-stream.ts";
import { hear } from "./last-words.ts";
import { flushOutput, limitedOutput, readiness } from "./output.ts";

const direct: HostInterface = { version: "0.2.8", suspending: [] };

/** The resource `terminal-input`. */
export class TerminalInput {
  readonly direction = "input";
}

/** The resource `terminal-output`. */
export class TerminalOutput {
  readonly direction = "output";
}

/** `wasi:cli`: arguments, environment, exit, standard streams, terminals. */
export const cliFace: ComponentFace = {
  interfaces: {
    "wasi:cli/environment": direct,
    "wasi:cli/exit": direct,
    "wasi:cli/stdin": direct,
    "wasi:cli/stdout": direct,
    "wasi:cli/stderr": direct,
    "wasi:cli/terminal-input": direct,
    "wasi:cli/terminal-output": direct,
    "wasi:cli/terminal-stdin": direct,
    "wasi:cli/terminal-stdout": direct,
    "wasi:cli/terminal-stderr": direct,
  },
  bind: (instance) => ({
    imports: { ...programImports(instance), ...streamImports(instance) },
    [Symbol.dispose]: () => flushOutput(instance),
  }),
};

/** The variant `result` without payloads. */
type Status = { readonly tag: "ok" } | { readonly tag: "err" };

function programImports(instance: InstanceContext): BoundInterfaces["imports"] {
  return {
    "wasi:cli/environment": {
      getEnvironment: () => Object.entries(instance.env).toSorted(([a], [b]) => (a < b ? -1 : 1)),
      getArguments: () => [...instance.args],
      initialCwd: () => (instance.cwd === "" ? "/" : instance.cwd),
    },
    "wasi:cli/exit": {
      exit(status: Status) {
        throw new GuestExit(status.tag === "ok" ? 0 : 1);
      },
      exitWithCode(status: number) {
        throw new GuestExit(status);
      },
    },
  };
}

function streamImports(instance: InstanceContext): BoundInterfaces["imports"] {
  const { stdin } = instance.stdio;
  const output = limitedOutput(instance);
  // Every stream over stdin shares one reader, or one would lose what another has looked at.
  const reader = new ByteReader(stdin === undefined ? emptySource : stdinBytes(stdin));
  const outputStream = (sink: StdoutSink | undefined, refused?: (bytes: Uint8Array) => void) =>
    new OutputStream(sink && outputBytes(sink), instance, refused);
  const terminalOutput = (sink: StdoutSink | undefined) => (sink?.isTerminal ? new TerminalOutput() : undefined);
  return {
    "wasi:cli/stdin": { getStdin: () => new InputStream(reader, instance) },
    "wasi:cli/stdout": { getStdout: () => outputStream(output.stdout) },
    "wasi:cli/stderr": { getStderr: () => outputStream(output.stderr, (bytes) => hear(instance.call, bytes)) },
    "wasi:cli/terminal-input": { TerminalInput },
    "wasi:cli/terminal-output": { TerminalOutput },
    "wasi:cli/terminal-stdin": { getTerminalStdin: () => (stdin?.isTerminal ? new TerminalInput() : undefined) },
    "wasi:cli/terminal-stdout": { getTerminalStdout: () => terminalOutput(output.stdout) },
    "wasi:cli/terminal-stderr": { getTerminalStderr: () => terminalOutput(output.stderr) },
  };
}

function stdinBytes(stdin: StdinSource): ByteSource {
  return { waits: true, read: (limit) => stdin.read(limit) };
}

/** A terminal that went away fails the guest's operation; a limit that was crossed ends its call. */
function outputBytes(sink: StdoutSink): ByteSink {
  const { flow } = sink;
  if (flow === undefined) return { write: (bytes) => guarded(() => sink.write(bytes)) };
  return {
    write: (bytes) => guarded(() => flow.write(bytes)),
    flow: { ...readiness(flow), room: () => guarded(() => flow.room()), isFlushed: () => flow.isFlushed() },
  };
}

function guarded<Result>(operation: () => Result): Result {
  try {
    return operation();
  } catch (error) {
    if (error instanceof Error && "syscall" in error) throw new IoError(error.message);
    throw error;
  }
}
