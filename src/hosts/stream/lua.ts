import { WeftError } from "../../core/errors.ts";
import { results, type LuaCall, type Returned } from "../../engine/lua/call.ts";
import type { LuaModule } from "../../engine/lua/module.ts";
import { Scanner, scannerClass, scanUnit } from "../io/scanner.ts";
import { MemoryStream } from "./memory-stream.ts";

type Call = LuaCall<unknown>;

const self = (call: Call) => call.object(1, MemoryStream);

function seek(call: Call): Returned {
  const from = call.has(2) ? call.text(2) : "cur";
  if (from !== "set" && from !== "cur" && from !== "end") {
    throw new WeftError("INVALID_ARGUMENT", `"${from}" is no place to seek from: set, cur or end`);
  }
  return self(call).seek(from, call.has(3) ? call.integer(3) : 0);
}

/** Bytes that are read and written piece by piece. */
export const streamModule: LuaModule<unknown> = {
  name: "stream",
  always: true,
  classes: [
    {
      type: MemoryStream,
      methods: {
        read: (call) => self(call).read(call.has(2) ? call.integer(2) : 0) ?? results(null, null),
        write: (call) => self(call).write(call.bytes(2)),
        seek,
        flush: () => true,
        stat: (call) => ({ size: self(call).size }),
        close: (call) => {
          self(call).close();
          return true;
        },
        scanner: (call) => {
          const stream = self(call);
          return new Scanner((limit) => stream.read(limit), scanUnit(call, 2));
        },
      },
    },
    scannerClass,
  ],
  table: {
    new: (call) => new MemoryStream(call.has(1) ? call.bytes(1) : new Uint8Array(0)),
    seek: { SET: "set", CUR: "cur", END: "end" },
  },
};
