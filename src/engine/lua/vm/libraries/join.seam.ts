// table.concat: stock fengari's copies bytes item by item.
import { push, slotAt } from "../api.seam.ts";
import { api, NIL, STRING, variantMask, type HostFunction, type Slot, type Thread } from "../internals.seam.ts";
import { isString, showNumber } from "../numbers.seam.ts";
import { flatten, fromCharacters } from "../strings.seam.ts";
import { inTurns } from "../turns.seam.ts";
import { fail, integerOr, isNumber, textArgument } from "./arguments.seam.ts";
import { Builder } from "./builder.seam.ts";
import { checkTable, lengthArgument, pushItem } from "./items.seam.ts";

const typeName = (L: Thread, { type }: Slot) => new TextDecoder().decode(api.lua_typename(L, type & variantMask));

/** `table.concat`. */
export const join: HostFunction = (L) => {
  checkTable(L, 1, ["__index", "__len"]);
  const separator = slotAt(L, 2).type === NIL ? "" : textArgument(L, 2);
  let at = Number(integerOr(L, 3, () => 1));
  const last = Number(integerOr(L, 4, () => lengthArgument(L, 1)));
  const out = new Builder();
  return inTurns(L, (thread) => {
    // Beyond 2^53 one added makes no difference: the first item there is missing anyway.
    for (; at <= last; at++) {
      if ((at & 3) === 0 && --thread.l_G.fuel < 0) return undefined;
      pushItem(thread, 1, at);
      const item = thread.stack[--thread.top] as Slot;
      if (isString(item.type)) out.add(thread, flatten(item.value));
      else if (isNumber(item)) out.add(thread, showNumber(item));
      else fail(thread, `invalid value (${typeName(thread, item)}) at index ${at} in table for 'concat'`);
      if (at < last && separator !== "") out.add(thread, separator);
    }
    push(thread, STRING, fromCharacters(out.finish(thread)));
    return 1;
  });
};
