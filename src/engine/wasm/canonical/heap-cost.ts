import type { WitType } from "../../../wit/types.ts";
import { payloadsOf } from "./layout.ts";

/** Bytes of a JavaScript object with nothing in it, of a place in one, and of a boxed number or a string's head. */
const [object, place, box] = [24, 8, 24];

/**
 * About what a lifted value of a type takes on the JavaScript heap, without the contents of its strings and lists. A
 * byte of a guest's memory may become a hundred here, and a list may claim the same bytes over and over.
 */
export function heapCost(type: WitType): number {
  switch (type.kind) {
    case "s64":
    case "u64":
    case "string":
    case "char":
    case "own":
    case "borrow":
      return place + box;
    case "list":
      return place + box + (type.length === undefined ? 0 : heapCost(type.element) * type.length);
    case "tuple":
      return place + object + sum(type.items);
    case "record":
      return place + object + sum(type.fields.map((field) => field.type));
    case "flags":
      return place + object + place * type.flags.length;
    case "variant":
    case "option":
    case "result":
      return place + object + Math.max(0, ...payloadsOf(type).map((payload) => (payload ? heapCost(payload) : 0)));
    default:
      return place;
  }
}

function sum(types: readonly WitType[]): number {
  return types.reduce((total, type) => total + heapCost(type), 0);
}
