import { WeftError } from "../../core/errors.ts";
import type { EntryId } from "../../core/ids.ts";
import type { Value } from "../../core/values.ts";
import type { LuaCall, Returned } from "../../engine/lua/call.ts";
import type { InstanceContext } from "../context.ts";
import { Upgrade } from "../ports.ts";
import { checkUpgrade } from "./allowed.ts";

/** Goes on as another program (or the same one, anew) with the same pid, mailbox, names and links. */
export function upgrade(call: LuaCall<InstanceContext>): Returned {
  const id: EntryId = call.has(1) ? call.text(1) : call.host.id;
  // Before it is told whether there is such an entry.
  if (id !== call.host.id) checkUpgrade(call.host, id);
  if (call.host.ports.dispatcher.describe(id) === undefined) {
    throw new WeftError("ENTRY_NOT_FOUND", `there is no entry ${id} to go on as`, { details: { target: id } });
  }
  const args: readonly Value[] = call.values(2, { counting: 1 });
  const { task } = call;
  // The task ends here: the fiber waits for something that never comes.
  return call.suspend(
    () => {
      queueMicrotask(() => task.fail(new Upgrade(id, args)));
      return undefined;
    },
    { external: true },
  );
}
