import { parseId } from "../../core/ids.ts";
import type { Entry, Position } from "../entry.ts";
import type { StoredEntry } from "./change.ts";

/** An entry that no file holds: whatever is wrong with it is shown at its id. */
export function liveEntry({ id, kind, meta, data, root }: StoredEntry): Entry {
  const position: Position = { file: id, line: 1, column: 1 };
  return {
    ...parseId(id),
    id,
    kind,
    meta,
    data,
    root,
    position,
    isMade: true,
    locate: () => position,
    locateText: (_path, line, column) => ({ file: id, line, column }),
  };
}

/** What versions keep of an entry. */
export function storedEntry({ id, kind, meta, data, root }: Entry): StoredEntry {
  return { id, kind, meta, data, root };
}
