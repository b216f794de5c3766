// Seam for the filesystem's bound imports, which have no types outside of their folder.
import type { InstanceContext } from "../../../../src/hosts/context.ts";
import type { Descriptor } from "../../../../src/hosts/filesystem/descriptor.ts";
import { bindHosts } from "../../../../src/hosts/index.ts";
import { imported } from "./imports.seam.ts";
import { instance } from "./instance.ts";

/** The mounted directories of an instance, open. */
export function openMounts(mounts: InstanceContext["mounts"], cwd = "") {
  const bound = bindHosts(
    instance({ mounts, cwd }),
    ["wasi:filesystem"],
    [{ interface: "wasi:filesystem/types" }, { interface: "wasi:filesystem/preopens" }],
  );
  const list = imported(bound.imports, "wasi:filesystem/preopens", "getDirectories")() as [Descriptor, string][];
  return {
    names: list.map(([, name]) => name),
    /** The descriptor mounted at a guest path. */
    at(guest: string): Descriptor {
      const found = list.find(([, name]) => name === guest);
      if (found === undefined) throw new Error(`nothing is mounted at ${guest}`);
      return found[0];
    },
    errorCode: imported(bound.imports, "wasi:filesystem/types", "filesystemErrorCode"),
    [Symbol.dispose]: () => bound[Symbol.dispose](),
  };
}

/** The payload of the error that an operation throws. */
export function errorOf(operation: () => unknown): unknown {
  try {
    operation();
  } catch (error) {
    return error instanceof Error && "payload" in error ? error.payload : error;
  }
  return "no error";
}
