import type { EndpointRoute } from "../hosts/http/routes.ts";

/** One step of a path: a text, a name for any one step, or a name for all the rest. */
export type Segment =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "param"; readonly name: string }
  | { readonly type: "tail"; readonly name: string };

/** A path with names in it: `/users/{id}`, `/users/:id`, `/files/{path...}`. */
export interface PathPattern {
  readonly text: string;
  readonly segments: readonly Segment[];
}

const paramPattern = /^(?::([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(\.\.\.)?\})$/;

/** Reads a pattern, or says what is wrong with it. */
export function readPath(text: string): PathPattern | string {
  if (!text.startsWith("/")) return "a path begins with a slash";
  const parts = text === "/" ? [] : text.slice(1).split("/");
  const names = new Set<string>();
  const segments: Segment[] = [];
  for (const [index, part] of parts.entries()) {
    const match = paramPattern.exec(part);
    if (match === null) {
      if (/[{}*?#:\s]/.test(part)) return `"${part}" is neither a text nor a name: write {name}, :name or {name...}`;
      segments.push({ type: "text", text: part });
      continue;
    }
    const name = match[1] ?? match[2] ?? "";
    if (names.has(name)) return `the name ${name} stands twice`;
    names.add(name);
    const isTail = match[3] !== undefined;
    if (isTail && index < parts.length - 1) return `{${name}...} takes all the rest, so it stands at the end`;
    segments.push({ type: isTail ? "tail" : "param", name });
  }
  return { text, segments };
}

/** A pattern below a prefix. */
function below(prefix: string, pattern: PathPattern): PathPattern {
  const outer = readPath(prefix === "" ? "/" : prefix);
  if (typeof outer === "string") throw new Error(`a prefix that was checked is none: ${outer}`);
  return { text: `${prefix}${pattern.text}`, segments: [...outer.segments, ...pattern.segments] };
}

/** The pattern of an endpoint, its router's prefix included. */
export function fullPath({ spec, router }: Pick<EndpointRoute, "spec" | "router">): PathPattern {
  const pattern = readPath(spec.path);
  if (typeof pattern === "string") throw new Error(`a path that was checked is none: ${pattern}`);
  return below(router.prefix, pattern);
}

const ranks = { text: 0, param: 1, tail: 2 } as const;

/**
 * Sorts patterns so that of two that match the same path the more specific one comes first: at the first step where they
 * differ, a text comes before a name, and a name before all the rest.
 */
export function bySpecificity(a: PathPattern, b: PathPattern): number {
  const length = Math.max(a.segments.length, b.segments.length);
  for (let index = 0; index < length; index += 1) {
    const difference = rankAt(a, index) - rankAt(b, index);
    if (difference !== 0) return difference;
  }
  return 0;
}

function rankAt({ segments }: PathPattern, index: number): number {
  const segment = segments[index];
  // A path that ends here is longer than none and shorter than all the rest.
  return segment === undefined ? 1 : ranks[segment.type];
}

/** How two patterns lie to each other. */
export type Relation = "apart" | "same" | "inside" | "around" | "conflict";

/** Whether there is a path that both match, and if so, whether one of them matches only such. */
export function relate(a: PathPattern, b: PathPattern): Relation {
  let [aInB, bInA] = [true, true];
  for (let index = 0; ; index += 1) {
    const [left, right] = [a.segments[index], b.segments[index]];
    if (left?.type === "tail" || right?.type === "tail") {
      if (left?.type !== "tail") bInA = false;
      if (right?.type !== "tail") aInB = false;
      break;
    }
    if (left === undefined || right === undefined) {
      if (left !== right) return "apart";
      break;
    }
    if (left.type === "text" && right.type === "text") {
      if (left.text !== right.text) return "apart";
    } else if (left.type === "text") bInA = false;
    else if (right.type === "text") aInB = false;
  }
  if (aInB) return bInA ? "same" : "inside";
  return bInA ? "around" : "conflict";
}

/** The pattern as hono writes it, its names by position; `names` are the author's. */
export function honoPath({ segments }: PathPattern): { readonly path: string; readonly names: readonly string[] } {
  const names: string[] = [];
  const parts = segments.map((segment) => {
    if (segment.type === "text") return segment.text;
    names.push(segment.name);
    const name = `:p${names.length - 1}`;
    return segment.type === "tail" ? `${name}{.*}` : name;
  });
  return { path: `/${parts.join("/")}`, names };
}

/** The path of a request's target, and its query without the question mark; undefined without any. */
export function splitTarget(target: string): { readonly path: string; readonly query: string | undefined } {
  const mark = target.indexOf("?");
  return mark < 0 ? { path: target, query: undefined } : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

/** A router's own root is reached with and without a slash at its end: `/api` and `/api/`. */
export function spellings(path: string, { spec, router }: Pick<EndpointRoute, "spec" | "router">): readonly string[] {
  return spec.path === "/" && router.prefix !== "" ? [path, `${path}/`] : [path];
}

/** Whether a decoded path fits a pattern. */
export function matches({ segments }: PathPattern, path: string): boolean {
  const parts = path === "/" ? [] : path.slice(1).split("/");
  for (const [index, segment] of segments.entries()) {
    if (segment.type === "tail") return parts.length >= index;
    const part = parts[index];
    if (part === undefined || part === "") return segment.type === "text" && part === segment.text;
    if (segment.type === "text" && segment.text !== part) return false;
  }
  return parts.length === segments.length;
}
