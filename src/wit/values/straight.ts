import type { Value } from "../../core/values.ts";
import { partsOf } from "../format.ts";
import type { WitFunction, WitType } from "../types.ts";
import type { AnyReader, AnyWriter } from "./backend.ts";

/** How one signature's values are held by a caller whose values may go straight into a guest's memory. */
export interface StraightForm {
  readonly signature: WitFunction;
  readonly reader: AnyReader;
  readonly writer: AnyWriter;
  /** A `result` that the function returns comes as `{ok}` or `{err}` around a built value, else it is built whole. */
  readonly splitsResult: boolean;
}

/**
 * A call whose arguments are still as the caller holds them. Whoever can lower them straight into a guest does, and
 * leaves the built result in `returned`; all others read `materialize()`, which is the canonical values.
 */
export class StraightCall {
  readonly form: StraightForm;
  readonly args: readonly unknown[];
  readonly #materialize: () => readonly Value[];
  #returned: { readonly value: unknown } | undefined;

  constructor(form: StraightForm, args: readonly unknown[], materialize: () => readonly Value[]) {
    this.form = form;
    this.args = args;
    this.#materialize = materialize;
  }

  /** The arguments in canonical form. @throws WeftError `INVALID_ARGUMENT`. */
  materialize(): readonly Value[] {
    return this.#materialize();
  }

  /** The built result, once a guest has answered straight. */
  get returned(): { readonly value: unknown } | undefined {
    return this.#returned;
  }

  /** Notes the built result. */
  answer(value: unknown): void {
    this.#returned = { value };
  }
}

/** True when there is something to gain: values with parts, and none that belongs to an instance. */
export function goesStraight({ params, result }: WitFunction): boolean {
  const types = [...params.map(({ type }) => type), ...(result === undefined ? [] : [result])];
  return types.some(hasParts) && !types.some(isBound);
}

function isBound(type: WitType): boolean {
  return ["own", "borrow", "stream", "future", "error-context"].includes(type.kind) || partsOf(type).some(isBound);
}

/** True for a type whose parts are worth walking through: the others are read and written as a whole. */
export function hasParts(type: WitType): boolean {
  switch (type.kind) {
    case "list":
      return type.element.kind !== "u8";
    case "option":
      return type.some.kind !== "option";
    case "tuple":
    case "record":
    case "variant":
    case "result":
      return true;
    default:
      return false;
  }
}
