import { isAlias, isCollection, isMap, isScalar, isSeq, visit, type Document, type Node } from "yaml";

/** What makes a document unusable although its syntax is right, and where. */
export interface TreeProblem {
  readonly message: string;
  /** Offsets in the file. */
  readonly range: readonly [start: number, end: number];
}

/** Nobody writes data this deep; what follows it, here and in guests, follows it by recursion. */
const maxDepth = 100;

/** What to say of data without a bottom. */
export const tooDeep = `nested deeper than ${maxDepth} levels`;

/** Finds aliases without anchors, merges of what is no mapping, keys that are no texts, and data without a bottom. */
export function checkTree(document: Document.Parsed): readonly TreeProblem[] {
  const problems: TreeProblem[] = [];
  const add = (node: Node | null, message: string): void => {
    problems.push({ message, range: [node?.range?.[0] ?? 0, node?.range?.[1] ?? 0] });
  };
  visit(document, {
    Collection(_, node, path) {
      if (path.filter(isCollection).length < maxDepth) return undefined;
      add(node, tooDeep);
      return visit.BREAK;
    },
    Alias(_, node) {
      if (node.resolve(document) === undefined)
        add(node, `*${node.source} has no anchor: nothing before it is called &${node.source}`);
    },
    Pair(_, { key, value }) {
      if (isCollection(key)) add(key, "a key must be a text");
      if (isScalar(key) && isMerge(key.value) && !canMerge(document, value)) {
        add(isNode(value) ? value : key, "<< merges mappings: expected one, a list of them, or an alias of one");
      }
    },
  });
  return problems;
}

/** True for the key of a merge, as the parser writes it. */
export function isMerge(key: unknown): boolean {
  return key === "<<" || typeof key === "symbol";
}

/** True for a part of a YAML document. */
export function isNode(value: unknown): value is Node {
  return isScalar(value) || isCollection(value) || isAlias(value);
}

function canMerge(document: Document.Parsed, value: unknown): boolean {
  const target = isAlias(value) ? value.resolve(document) : value;
  if (isSeq(target)) return target.items.every((item) => !isSeq(item) && canMerge(document, item));
  return isMap(target);
}
