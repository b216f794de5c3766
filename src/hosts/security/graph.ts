import type { Atom, Formula } from "./formula.ts";

/** Where a node leads to that is none: the policy applies, or it does not. */
export const applies = -1;
export const appliesNot = -2;

/** What follows a verdict: the number of the next node, or an end. */
interface Ways {
  readonly yes: number;
  readonly no: number;
  readonly unknown: number;
}

/** A test, and where to go on after it. */
export interface Node extends Ways {
  /** The index of the atom. */
  readonly atom: number;
}

/** Formulas of several policies as one graph of tests, in which the same test with the same ends is one node. */
export class Graph {
  readonly atoms: Atom[] = [];
  readonly nodes: Node[] = [];
  readonly #atomsByKey = new Map<string, number>();
  readonly #nodesByKey = new Map<string, number>();

  /** The node to begin with, where all of the formulas must hold. */
  add(formulas: readonly Formula[], unknownHolds: boolean): number {
    return formulas.reduceRight<number>(
      (yes, formula) => this.#begin(formula, { yes, no: appliesNot, unknown: unknownHolds ? yes : appliesNot }),
      applies,
    );
  }

  #begin(formula: Formula, ways: Ways): number {
    const { yes, no, unknown } = ways;
    switch (formula.is) {
      case "always":
        return formula.holds ? yes : no;
      case "not":
        return this.#begin(formula.of, { yes: no, no: yes, unknown });
      case "all":
        return formula.of.reduceRight((next, part) => this.#begin(part, { yes: next, no, unknown }), yes);
      case "any":
        return formula.of.reduceRight((next, part) => this.#begin(part, { yes, no: next, unknown }), no);
      case "choice": {
        const next = { yes: this.#begin(formula.yes, ways), no: this.#begin(formula.no, ways), unknown };
        return this.#begin(formula.test, next);
      }
      case "atom":
        return this.#node({ atom: this.#atom(formula), ...ways });
    }
  }

  #atom(atom: Atom): number {
    return numbered(atom, { by: atom.key, list: this.atoms, numbers: this.#atomsByKey });
  }

  #node(node: Node): number {
    const by = `${node.atom} ${node.yes} ${node.no} ${node.unknown}`;
    return numbered(node, { by, list: this.nodes, numbers: this.#nodesByKey });
  }
}

interface Numbering<Item> {
  readonly by: string;
  readonly list: Item[];
  readonly numbers: Map<string, number>;
}

/** The number of an item, which is its own if there is none like it yet. */
function numbered<Item>(item: Item, { by, list, numbers }: Numbering<Item>): number {
  const found = numbers.get(by);
  if (found !== undefined) return found;
  numbers.set(by, list.length);
  return list.push(item) - 1;
}
