import type { CallContext } from "../../core/context.ts";

/** A panic's message and a little of what led to it. */
const keptBytes = 2_048;

/** Only guests that write to a closed stderr are in it. */
const heard = new WeakMap<CallContext, Uint8Array>();

/** Remembers what a guest wrote to its closed stderr: nobody sees it, unless the call fails. */
export function hear(call: CallContext, bytes: Uint8Array): void {
  const all = Buffer.concat([heard.get(call) ?? new Uint8Array(0), bytes.subarray(-keptBytes)]);
  heard.set(call, Uint8Array.from(all.subarray(-keptBytes)));
}

/** What the guest of a call wrote to its closed stderr last; undefined when it wrote nothing. */
export function lastWords(call: CallContext): string | undefined {
  const bytes = heard.get(call);
  const text = bytes === undefined ? "" : new TextDecoder().decode(bytes).trim();
  return text === "" ? undefined : text;
}
