import { WeftError } from "../../core/errors.ts";
import { EntryGone } from "../../core/gone.ts";
import type { EntryId } from "../../core/ids.ts";
import { nearestSuffix } from "../../core/nearest.ts";
import type { Placement } from "../../registry/placement.ts";

/** What a caller of an id is told that nothing is placed under: why, or which names are near. */
export function unknownEntry(
  id: EntryId,
  placed: Iterable<EntryId>,
  failed: ReadonlyMap<EntryId, WeftError>,
): WeftError {
  const reason = failed.get(id);
  if (reason !== undefined) return reason;
  const callable = [...failed].filter(([, each]) => each.code !== "NOT_CALLABLE").map(([known]) => known);
  const hint = nearestSuffix(id, [...placed, ...callable]);
  return new EntryGone("ENTRY_NOT_FOUND", id, `not found: there is no entry ${id}${hint}`);
}

/** The host that a process runs on when it is called. @throws WeftError `NOT_CALLABLE`. */
export function hostForCalls({ id, role, kind, defaultHost }: Placement): EntryId {
  if (role !== "process") throw new WeftError("NOT_CALLABLE", `${id} is a ${kind}, which is only required`);
  if (defaultHost !== undefined) return defaultHost;
  throw new WeftError("NOT_CALLABLE", `${id} is a process: spawn it on a host, or give it meta.default_host`);
}
