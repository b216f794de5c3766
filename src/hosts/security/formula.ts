import type { Actor } from "../../core/context.ts";
import type { Value } from "../../core/values.ts";
import type { Verdict } from "./compare.ts";
import type { Attributes, Field } from "./subject.ts";

/** Judges a question, whose parts come one by one so that nothing is made; `item` is the one that `any` and its like look at. */
export type Judge = (
  actor: Actor,
  action: string,
  resource: string,
  meta: Attributes | undefined,
  item?: Value,
) => Verdict;

/**
 * What an atom says of a field by what is in it, where it says so of everything and never "unknown": `hit` at each of the
 * points, and for texts that begin with one of the prefixes; `absent` where nothing is; `otherwise` of all else.
 */
export interface Range {
  readonly points: readonly (string | boolean)[];
  readonly prefixes: readonly string[];
  readonly hit: boolean;
  readonly absent: boolean;
  readonly otherwise: boolean;
}

/** One test. Atoms with the same key say the same, so that a decision asks one of them once. */
export interface Atom {
  readonly is: "atom";
  readonly key: string;
  readonly judge: Judge;
  /** The field that it is about, if it is about one alone, and what it says of its value. */
  readonly field?: Field;
  readonly test?: (value: Value | undefined) => Verdict;
  /** What the field must be, if that is all. */
  readonly word?: string | boolean;
  /** The other field that it is compared with, and how. */
  readonly other?: Field;
  readonly compare?: (a: Value | undefined, b: Value | undefined) => Verdict;
  readonly range?: Range;
  /** It is about the actor alone: what it says of one actor lasts. */
  readonly isOfActor: boolean;
  /** It takes so long that it is asked last. */
  readonly isSlow?: boolean;
}

/** What must hold: atoms, put together. Judged from left to right, and no further than needed; an unknown atom makes it unknown. */
export type Formula =
  | Atom
  | { readonly is: "always"; readonly holds: boolean }
  | { readonly is: "not"; readonly of: Formula }
  | { readonly is: "all" | "any"; readonly of: readonly Formula[] }
  | { readonly is: "choice"; readonly test: Formula; readonly yes: Formula; readonly no: Formula };

/** A formula as one closure, for where it is asked alone. */
export function judgeOf(formula: Formula): Judge {
  switch (formula.is) {
    case "atom":
      return formula.judge;
    case "always": {
      const { holds } = formula;
      return () => holds;
    }
    case "not": {
      const judge = judgeOf(formula.of);
      return (actor, action, resource, meta, item) => opposite(judge(actor, action, resource, meta, item));
    }
    case "all":
    case "any":
      return severalOf(formula.of.map(judgeOf), formula.is === "all");
    case "choice": {
      const [test, yes, no] = [judgeOf(formula.test), judgeOf(formula.yes), judgeOf(formula.no)];
      return (actor, action, resource, meta, item) => {
        const verdict = test(actor, action, resource, meta, item);
        if (verdict === "unknown") return verdict;
        return (verdict ? yes : no)(actor, action, resource, meta, item);
      };
    }
  }
}

/** Goes on as long as each judge says `goesOn`. */
function severalOf(judges: readonly Judge[], goesOn: boolean): Judge {
  return (actor, action, resource, meta, item) => {
    for (const judge of judges) {
      const verdict = judge(actor, action, resource, meta, item);
      if (verdict !== goesOn) return verdict;
    }
    return goesOn;
  };
}

/** What is so where a verdict is not; nobody knows what the opposite of unknown is. */
export function opposite(verdict: Verdict): Verdict {
  return verdict === "unknown" ? verdict : !verdict;
}
