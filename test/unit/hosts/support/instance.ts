import { rootContext } from "../../../../src/core/context.ts";
import { WeftError } from "../../../../src/core/errors.ts";
import { silentLog } from "../../../../src/core/log.ts";
import { closedStdio, type Stdio } from "../../../../src/core/stdio.ts";
import type { InstanceContext } from "../../../../src/hosts/context.ts";
import { Gate } from "../../../../src/hosts/security/gate.ts";
import { Policies } from "../../../../src/hosts/security/policies.ts";
import type { DispatcherPort, Ports } from "../../../../src/hosts/ports.ts";

/** What an instance of `app:guest` may know and do: nothing but what a test gives it. */
export function instance(given: Partial<InstanceContext> = {}): InstanceContext {
  return {
    id: "app:guest",
    pid: "{app:guest|1}",
    call: rootContext({ root: 1 }),
    ports: ports(),
    limits: {},
    stdio: closedStdio,
    args: [],
    env: {},
    cwd: "",
    mounts: [],
    ...given,
  };
}

/** Ways up to a runtime that has only a dispatcher. */
export function ports(dispatcher?: DispatcherPort): Ports {
  const refuse = (): never => {
    throw new WeftError("INTERNAL", "there is no runtime in this test");
  };
  return {
    dispatcher: dispatcher ?? { describe: () => undefined, call: refuse },
    registry: { get: refuse, find: refuse },
    processes: {
      spawn: refuse,
      exec: refuse,
      ask: refuse,
      open: refuse,
      send: refuse,
      events: refuse,
      inbox: refuse,
      listen: refuse,
    },
    services: { ask: refuse, subscribe: refuse },
    security: openGate(),
    log: silentLog,
  };
}

/** Standard streams that remember what was written. Input comes in the given pieces, each after a turn of the loop. */
export function recordedStdio(input: readonly string[] = [], terminal = false) {
  const written = { stdout: "", stderr: "" };
  const pieces = input.map((piece) => Buffer.from(piece));
  const sink = (name: "stdout" | "stderr") => ({
    isTerminal: terminal,
    write(bytes: Uint8Array) {
      written[name] += Buffer.from(bytes).toString();
    },
  });
  const stdio: Stdio = {
    stdin: {
      isTerminal: terminal,
      async read(limit) {
        await new Promise((resolve) => setImmediate(resolve));
        const piece = pieces.shift();
        if (piece === undefined) return undefined;
        if (piece.length > limit) pieces.unshift(piece.subarray(limit));
        return piece.subarray(0, limit);
      },
    },
    stdout: sink("stdout"),
    stderr: sink("stderr"),
  };
  return { stdio, written };
}

/** A gate without policies, which has nothing to object to. */
export function openGate(): Gate {
  return new Gate(new Policies(), () => undefined);
}
