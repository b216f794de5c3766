import type { Actor } from "../../core/context.ts";
import type { EntryId } from "../../core/ids.ts";
import type { Value } from "../../core/values.ts";
import { Dimension, maskOf, type Mask } from "./dimension.ts";
import type { Atom } from "./formula.ts";
import { applies, Graph, type Node } from "./graph.ts";
import { partsOf, rangeOf, type Requirements } from "./requirements.ts";
import type { Attributes, Field } from "./subject.ts";

/** What a program must know of a policy. */
export interface Rule extends Requirements {
  readonly id: EntryId;
  readonly effect: "allow" | "deny";
}

/** Policies that ask the same field, from which on one look-up is made for all of them. */
const worthDimension = 4;

const yes = 1;
const no = 2;
const unknown = 3;

/**
 * All policies that concern an action, compiled into one thing that finds the first that applies. Fields that many of them
 * ask for exact values are looked up once, which leaves few; what else these ask is a graph of tests, each of them made at
 * most once in a decision, as each field is read once. A decision makes no objects: what it notes is kept here.
 */
export class Program {
  readonly #rules: readonly Rule[];
  readonly #dimensions: readonly Dimension[];
  readonly #atoms: readonly Atom[];
  readonly #nodes: readonly Node[];
  /** Of each rule the node that its tests begin with. */
  readonly #starts: readonly number[];
  readonly #all: Mask;
  readonly #left: Mask;
  /** What came out of an atom in this decision; 0 where it was not asked. */
  readonly #verdicts: Int8Array;
  readonly #fields: readonly Field[];
  /** Of each atom the number of the field that it is about, or -1. */
  readonly #fieldOf: Int32Array;
  readonly #isRead: Uint8Array;
  readonly #values: (Value | undefined)[];

  /** The order of denials is kept, for the one that is named; of permissions any will do, so those that ask nothing come first. */
  constructor(given: readonly Rule[]) {
    const parted = given.map((rule) => ({ rule, parts: partsOf(rule) }));
    const denials = parted.filter(({ rule }) => rule.effect === "deny");
    const permits = parted.filter(({ rule }) => rule.effect === "allow");
    const ordered = [...denials, ...permits.toSorted((a, b) => a.parts.length - b.parts.length)];
    const last = ordered.findIndex(({ parts }) => parts.length === 0);
    const needed = last < 0 ? ordered : ordered.slice(0, last + 1);
    this.#rules = needed.map(({ rule }) => rule);
    const paths = manyAsked(needed.map(({ parts }) => new Set(parts.map((part) => rangeOf(part)?.field.path))));
    const isLookedUp = (path: string | undefined): boolean => path !== undefined && paths.has(path);
    this.#dimensions = [...paths].flatMap((path) => {
      const asked = needed.map(({ parts }) =>
        parts.flatMap((part) => rangeOf(part) ?? []).filter(({ field }) => field.path === path),
      );
      const [first] = asked.flat();
      return first === undefined
        ? []
        : [
            new Dimension(
              first.field,
              asked.map((ranges) => ranges.map(({ range }) => range)),
            ),
          ];
    });
    const graph = new Graph();
    this.#starts = needed.map(({ rule, parts }) =>
      graph.add(
        parts.filter((part) => !isLookedUp(rangeOf(part)?.field.path)),
        rule.unknownHolds,
      ),
    );
    this.#atoms = graph.atoms;
    this.#nodes = graph.nodes;
    this.#all = maskOf(needed.length, () => true);
    this.#left = this.#all.slice();
    this.#verdicts = new Int8Array(graph.atoms.length);
    const fields = new Map(
      graph.atoms.flatMap(({ field }) => (field === undefined ? [] : [[field.path, field] as const])),
    );
    this.#fields = [...fields.values()];
    this.#fieldOf = Int32Array.from(graph.atoms, ({ field }) =>
      field === undefined ? -1 : [...fields.keys()].indexOf(field.path),
    );
    this.#isRead = new Uint8Array(fields.size);
    this.#values = Array.from({ length: fields.size }, () => undefined);
  }

  /** The first denial that applies, else a permission; undefined when none does. */
  first(actor: Actor, action: string, resource: string, meta: Attributes | undefined): Rule | undefined {
    const left = this.#left;
    left.set(this.#all);
    for (const dimension of this.#dimensions) {
      const mask = dimension.maskOf(dimension.field.read(actor, action, resource, meta));
      for (let word = 0; word < left.length; word += 1) left[word] = (left[word] ?? 0) & (mask[word] ?? 0);
    }
    this.#verdicts.fill(0);
    this.#isRead.fill(0);
    for (let word = 0; word < left.length; word += 1) {
      for (let bits = left[word] ?? 0; bits !== 0; bits &= bits - 1) {
        const index = (word << 5) + 31 - Math.clz32(bits & -bits);
        if (this.#applies(index, actor, action, resource, meta)) return this.#rules[index];
      }
    }
    return undefined;
  }

  #applies(index: number, actor: Actor, action: string, resource: string, meta: Attributes | undefined): boolean {
    let next = this.#starts[index] ?? 0;
    while (next >= 0) {
      const node = this.#nodes[next];
      if (node === undefined) throw new Error(`a policy's test ${next} is missing`);
      const noted = this.#verdicts[node.atom] ?? 0;
      const verdict = noted === 0 ? this.#judge(node.atom, actor, action, resource, meta) : noted;
      next = verdict === yes ? node.yes : verdict === no ? node.no : node.unknown;
    }
    return next === applies;
  }

  #judge(index: number, actor: Actor, action: string, resource: string, meta: Attributes | undefined): number {
    const atom = this.#atoms[index];
    if (atom === undefined) throw new Error(`a policy's atom ${index} is missing`);
    const field = this.#fieldOf[index] ?? -1;
    let verdict: boolean | "unknown";
    if (field < 0 || atom.test === undefined) verdict = atom.judge(actor, action, resource, meta);
    else {
      if (this.#isRead[field] === 0) {
        this.#isRead[field] = 1;
        this.#values[field] = this.#fields[field]?.read(actor, action, resource, meta);
      }
      const value = this.#values[field];
      verdict = atom.word === undefined ? atom.test(value) : value === atom.word;
    }
    const noted = verdict === true ? yes : verdict === false ? no : unknown;
    this.#verdicts[index] = noted;
    return noted;
  }
}

/** The paths that enough policies ask. */
function manyAsked(asked: readonly ReadonlySet<string | undefined>[]): ReadonlySet<string> {
  const counts = new Map<string, number>();
  for (const path of asked.flatMap((paths) => [...paths])) {
    if (path !== undefined) counts.set(path, (counts.get(path) ?? 0) + 1);
  }
  return new Set([...counts].flatMap(([path, count]) => (count >= worthDimension ? [path] : [])));
}
