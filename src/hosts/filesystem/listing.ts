import { readdirSync } from "node:fs";
import { decodeName } from "./names.ts";
import { listingPath, type Node } from "./node.ts";
import { type DescriptorType, typeOf } from "./stats.ts";

/** One thing in a directory. */
export interface Listed {
  /** Undefined when it is not UTF-8: guests can neither be told of it nor name it. */
  readonly name: string | undefined;
  readonly type: DescriptorType;
}

/** What a directory holds, without itself and its parent, as it is now. */
export function listDirectory(node: Node): readonly Listed[] {
  const found = readdirSync(listingPath(node), { withFileTypes: true, encoding: "buffer" });
  return found.map((each) => ({ name: decodeName(each.name), type: typeOf(each) }));
}
