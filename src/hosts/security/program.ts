import type { Actor } from "../../core/context.ts";
import type { EntryId } from "../../core/ids.ts";
import type { Value } from "../../core/values.ts";
import { Dimension, maskOf, type Mask } from "./dimension.ts";
import type { Verdict } from "./compare.ts";
import type { Atom, Judge } from "./formula.ts";
import { applies, Graph, type Node } from "./graph.ts";
import { partsOf, rangeOf, type Requirements } from "./requirements.ts";
import { isOfActor, isPlain, type Attributes, type Field } from "./subject.ts";

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
 * most once in a decision, as each field is read once; what is about the actor alone is kept while the same actor asks,
 * because actors never change. A decision makes no objects: what it notes is kept here.
 */
export class Program {
  readonly #rules: readonly Rule[];
  readonly #dimensions: readonly Dimension[];
  readonly #tests: readonly Test[];
  readonly #nodes: readonly Node[];
  /** Of each rule the node that its tests begin with. */
  readonly #starts: readonly number[];
  readonly #all: Mask;
  readonly #left: Mask;
  /** What came out of an atom in this decision, or of one of the first with this actor; 0 where it was not asked. */
  readonly #verdicts: Int8Array;
  readonly #fields: readonly Field[];
  /** How many atoms and fields are about the actor alone: they come first. */
  readonly #lasting: { readonly atoms: number; readonly fields: number };
  #actor: Actor | undefined;
  readonly #isRead: Uint8Array;
  readonly #values: (Value | undefined)[];
  /** Facts that are plain objects, from which a field is read straight. */
  #actorFacts: Attributes | undefined;
  #facts: Attributes | undefined;

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
    const order = [...graph.atoms.keys()].toSorted(lastingFirst((index) => graph.atoms[index]?.isOfActor === true));
    const atoms = order.flatMap((index) => graph.atoms[index] ?? []);
    const fields = new Map(atoms.flatMap(({ field, other }) => [field, other].flatMap(byPath)));
    this.#fields = [...fields.values()].toSorted(lastingFirst(isOfActor));
    this.#lasting = {
      atoms: atoms.filter((atom) => atom.isOfActor).length,
      fields: this.#fields.filter(isOfActor).length,
    };
    this.#tests = testsOf(
      atoms,
      this.#fields.map(({ path }) => path),
    );
    this.#nodes = graph.nodes.map((node) => ({ ...node, atom: order.indexOf(node.atom) }));
    this.#all = maskOf(needed.length, () => true);
    this.#left = this.#all.slice();
    this.#verdicts = new Int8Array(graph.atoms.length);
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
    this.#forget(actor);
    this.#actorFacts = isPlain(actor.meta) ? actor.meta : undefined;
    this.#facts = isPlain(meta) ? meta : undefined;
    for (let word = 0; word < left.length; word += 1) {
      for (let bits = left[word] ?? 0; bits !== 0; bits &= bits - 1) {
        const index = (word << 5) + 31 - Math.clz32(bits & -bits);
        if (this.#applies(index, actor, action, resource, meta)) return this.#rules[index];
      }
    }
    return undefined;
  }

  /** Clears what does not hold for this decision. */
  #forget(actor: Actor): void {
    const isSame = actor === this.#actor;
    this.#verdicts.fill(0, isSame ? this.#lasting.atoms : 0);
    this.#isRead.fill(0, isSame ? this.#lasting.fields : 0);
    this.#actor = actor;
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
    const { field, test, word, absent, other, compare, judge } = this.#tests[index] ?? missing;
    let verdict: boolean | "unknown";
    if (field < 0) verdict = judge(actor, action, resource, meta);
    else {
      const value = this.#read(field, actor, action, resource, meta);
      if (word !== undefined) verdict = value === word;
      else if (value === undefined && compare === undefined) verdict = absent;
      else if (compare === undefined) verdict = test(value);
      else verdict = compare(value, this.#read(other, actor, action, resource, meta));
    }
    const noted = verdict === true ? yes : verdict === false ? no : unknown;
    this.#verdicts[index] = noted;
    return noted;
  }

  #read(
    index: number,
    actor: Actor,
    action: string,
    resource: string,
    meta: Attributes | undefined,
  ): Value | undefined {
    if (this.#isRead[index] === 1) return this.#values[index];
    const { read, fact } = this.#fields[index] ?? missingField;
    const facts = fact === undefined ? undefined : fact.of === "actor" ? this.#actorFacts : this.#facts;
    const value =
      fact !== undefined && facts !== undefined ? (facts[fact.key] ?? undefined) : read(actor, action, resource, meta);
    this.#isRead[index] = 1;
    this.#values[index] = value;
    return value;
  }
}

/** An atom with its fields by number. All have the same form, so that they are read fast. */
interface Test {
  readonly judge: Judge;
  /** -1 where it is not about one field, or two. */
  readonly field: number;
  readonly other: number;
  readonly word: string | boolean | undefined;
  readonly test: (value: Value | undefined) => Verdict;
  /** What the test says where nothing is. */
  readonly absent: Verdict;
  readonly compare: Atom["compare"];
}

const missing: Test = {
  judge: () => "unknown",
  field: -1,
  other: -1,
  word: undefined,
  test: () => "unknown",
  absent: "unknown",
  compare: undefined,
};
const missingField: Field = { path: "", read: () => undefined };

function testsOf(atoms: readonly Atom[], paths: readonly string[]): readonly Test[] {
  return atoms.map(({ judge, field, other, word, test = missing.test, compare }) => {
    const numberOf = (of: Field | undefined): number => (of === undefined ? -1 : paths.indexOf(of.path));
    return { judge, field: numberOf(field), other: numberOf(other), word, test, absent: test(undefined), compare };
  });
}

function lastingFirst<Item>(isLasting: (item: Item) => boolean): (a: Item, b: Item) => number {
  return (a, b) => Number(isLasting(b)) - Number(isLasting(a));
}

function byPath(field: Field | undefined): readonly (readonly [string, Field])[] {
  return field === undefined ? [] : [[field.path, field]];
}

/** The paths that enough policies ask. */
function manyAsked(asked: readonly ReadonlySet<string | undefined>[]): ReadonlySet<string> {
  const counts = new Map<string, number>();
  for (const path of asked.flatMap((paths) => [...paths])) {
    if (path !== undefined) counts.set(path, (counts.get(path) ?? 0) + 1);
  }
  return new Set([...counts].flatMap(([path, count]) => (count >= worthDimension ? [path] : [])));
}
