import type { ComponentFace } from "../host.ts";
import { IoError } from "../io/io-error.ts";
import { Descriptor, DirectoryEntryStream } from "./descriptor.ts";
import { type OpenMount, openMounts } from "./node.ts";
import { OpenFiles } from "./open-files.ts";

const version = "0.2.8";

/** `wasi:filesystem` over the instance's mounts. Every call answers at once. */
export const filesystemFace: ComponentFace = {
  interfaces: {
    "wasi:filesystem/types": { version, suspending: [] },
    "wasi:filesystem/preopens": { version, suspending: [] },
  },
  bind(instance) {
    const files = new OpenFiles();
    let mounts: readonly OpenMount[] | undefined;
    return {
      imports: {
        "wasi:filesystem/types": {
          Descriptor,
          DirectoryEntryStream,
          filesystemErrorCode: (error: unknown) => (error instanceof IoError ? error.filesystemCode : undefined),
        },
        "wasi:filesystem/preopens": {
          getDirectories(): [Descriptor, string][] {
            mounts ??= openMounts(instance, files);
            return mounts.map(({ guest, node }) => {
              node.handle.retain();
              return [new Descriptor(node, instance), guest];
            });
          },
        },
      },
      [Symbol.dispose]: () => files[Symbol.dispose](),
    };
  },
};
