import type { LuaCall } from "../../engine/lua/call.ts";
import type { LuaClass } from "../../engine/lua/module.ts";
import type { InstanceContext } from "../context.ts";
import { Scanner, scanUnit } from "../io/scanner.ts";

/** Gives the next part of a body; undefined at its end. */
type NextPart = () => Uint8Array | undefined | Promise<Uint8Array | undefined>;

/** A body that a program reads part by part. */
export class BodyStream {
  readonly #next: NextPart;
  #left: Uint8Array | undefined;
  #isClosed = false;

  constructor(next: NextPart) {
    this.#next = next;
  }

  /** At most `limit` bytes, whatever is there first with 0; undefined at the end. */
  read(limit: number): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    if (this.#isClosed) return undefined;
    const part = this.#left ?? this.#next();
    this.#left = undefined;
    return part instanceof Promise ? part.then((bytes) => this.#cut(bytes, limit)) : this.#cut(part, limit);
  }

  close(): void {
    this.#isClosed = true;
  }

  #cut(part: Uint8Array | undefined, limit: number): Uint8Array | undefined {
    if (part === undefined || limit <= 0 || part.length <= limit) return part;
    this.#left = part.subarray(limit);
    return part.subarray(0, limit);
  }
}

const self = (call: LuaCall<InstanceContext>) => call.object(1, BodyStream);

/** How Lua programs read a body: `read`, `close`, `scanner`. */
export const bodyStreamClass: LuaClass<InstanceContext> = {
  type: BodyStream,
  methods: {
    read: (call) => self(call).read(call.has(2) ? call.integer(2) : 0),
    close: (call) => {
      self(call).close();
      return true;
    },
    scanner(call) {
      const stream = self(call);
      return new Scanner((limit) => stream.read(limit), scanUnit(call, 2));
    },
  },
};
