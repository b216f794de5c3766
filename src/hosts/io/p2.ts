import type { InstanceContext } from "../context.ts";
import type { BoundInterfaces, ComponentFace, HostInterface } from "../host.ts";
import { InputStream } from "./input-stream.ts";
import { IoError } from "./io-error.ts";
import { OutputStream } from "./output-stream.ts";
import { Pollable } from "./pollable.ts";

const version = "0.2.8";

const pollInterface: HostInterface = { version, suspending: ["poll", "[method]pollable.block"] };

const streamsInterface: HostInterface = {
  version,
  suspending: [
    "[method]input-stream.blocking-read",
    "[method]input-stream.blocking-skip",
    "[method]output-stream.blocking-splice",
  ],
  // Files and standard streams take everything at once; only bodies and sockets can be full.
  suspendingAlong: [
    "[method]output-stream.blocking-write-and-flush",
    "[method]output-stream.blocking-flush",
    "[method]output-stream.blocking-write-zeroes-and-flush",
  ],
};

/** `wasi:io`: errors and streams. */
export const ioFace: ComponentFace = {
  interfaces: { "wasi:io/error": { version, suspending: [] }, "wasi:io/streams": streamsInterface },
  bind: () => nothingToKeep({ "wasi:io/error": { Error: IoError }, "wasi:io/streams": { InputStream, OutputStream } }),
};

/** `wasi:io/poll`. */
export const pollFace: ComponentFace = {
  interfaces: { "wasi:io/poll": pollInterface },
  bind: (instance: InstanceContext) =>
    nothingToKeep({
      "wasi:io/poll": {
        Pollable,
        poll: (pollables: readonly Pollable[]) => Pollable.poll(pollables, instance),
      },
    }),
};

/** Imports of an instance that hold nothing open. */
export function nothingToClose(imports: BoundInterfaces["imports"]): BoundInterfaces {
  return { imports, [Symbol.dispose]() {} };
}

/** The same of an instance that leaves nothing in them, either. */
export function nothingToKeep(imports: BoundInterfaces["imports"]): BoundInterfaces {
  return { ...nothingToClose(imports), isClean: () => true };
}
