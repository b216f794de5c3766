import { fullPath, type PathPattern, relate } from "../../gateway/paths.ts";
import type { EndpointSpec, HttpSpec, RouterSpec } from "../../hosts/http/routes.ts";
import type { Diagnostic } from "../../registry/diagnostic.ts";
import type { Entry } from "../../registry/entry.ts";
import type { CheckedEntries, CheckedEntry, CheckedSpec } from "../../registry/kind.ts";
import { problem } from "../../registry/problem.ts";

interface Route {
  readonly entry: Entry;
  readonly spec: EndpointSpec;
  readonly router: RouterSpec;
  readonly pattern: PathPattern;
}

/**
 * Endpoints that would answer the same requests although neither is more specific: the later one is refused. Only those
 * are compared that begin alike, so that thousands of endpoints are not compared with each other.
 */
export function endpointConflicts(entries: readonly CheckedEntry[], app: CheckedEntries): readonly Diagnostic[] {
  const groups = new Map<string, Route[]>();
  const found: Diagnostic[] = [];
  for (const { entry, checked } of entries) {
    const spec = httpSpec(checked);
    if (spec?.type !== "endpoint") continue;
    const router = httpSpec(app.get(spec.router));
    if (router?.type !== "router") continue;
    const route: Route = { entry, spec, router, pattern: fullPath({ spec, router }) };
    const near = keysOf(route).flatMap((key) => groups.get(key) ?? []);
    const other = near.find(({ pattern }) => ["same", "conflict"].includes(relate(pattern, route.pattern)));
    if (other !== undefined) found.push(conflict(route, other));
    for (const key of keysOf(route, { own: true })) groups.set(key, [...(groups.get(key) ?? []), route]);
  }
  return found;
}

/** Where a route stands (`own`), and where those stand that may fit the same paths: by the first step. */
function keysOf({ spec, router, pattern }: Route, { own = false } = {}): readonly string[] {
  const base = `${router.server} ${spec.method}`;
  const [first] = pattern.segments;
  const mine = first === undefined ? `${base} /` : first.type === "text" ? `${base} /${first.text}` : `${base} *`;
  if (own) return [mine, `${base} all`];
  return first?.type === "text" || first === undefined ? [mine, `${base} *`] : [`${base} all`];
}

function conflict({ entry, spec, pattern }: Route, other: Route): Diagnostic {
  const isSame = relate(pattern, other.pattern) === "same";
  const message = isSame
    ? `path: ${spec.method} ${pattern.text} is ${other.entry.id}'s already`
    : `path: ${spec.method} ${pattern.text} and ${other.pattern.text} of ${other.entry.id} fit the same paths, and neither is more specific`;
  return problem(entry, ["path"], { code: "route-conflict", message });
}

function httpSpec(checked: CheckedSpec | undefined): HttpSpec | undefined {
  const offer = checked?.provides.offer;
  return offer?.service === "http" ? offer.spec : undefined;
}
