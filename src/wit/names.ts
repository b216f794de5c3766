import { nearestNames } from "../core/nearest.ts";
import { toKebab } from "./spellings.ts";

/** What a wanted name means among those available. */
export type NameMatch =
  | { readonly kind: "match"; readonly name: string }
  /** Several fit equally well: the author must write more of the name. */
  | { readonly kind: "ambiguous"; readonly names: readonly string[] }
  /** None fits; the likeliest meant come first. */
  | { readonly kind: "none"; readonly nearest: readonly string[] };

/**
 * Finds the export that a `method` means, from strict to lenient: the exact name; without versions
 * (`acme:math/calc#add` for `acme:math/calc@1.2.0#add`); in kebab-case, snake_case or camelCase; and by the end of the
 * name (`calc#add`, `add`). The first rule under which anything fits decides.
 */
export function matchName(wanted: string, available: Iterable<string>): NameMatch {
  const names = [...new Set(available)];
  if (names.includes(wanted)) return { kind: "match", name: wanted };
  // A wanted version is never dropped: another version may mean another interface.
  const version = /@[^#]*/.exec(wanted)?.[0];
  const candidates = version === undefined ? names : names.filter((name) => name.includes(version));
  const plain = withoutVersion(wanted);
  const folded = fold(plain);
  const rules: ((name: string) => boolean)[] = [
    (name) => withoutVersion(name) === plain,
    (name) => fold(withoutVersion(name)) === folded,
    (name) => endsAtBoundary(withoutVersion(name), plain),
    (name) => endsAtBoundary(fold(withoutVersion(name)), folded),
  ];
  for (const rule of plain === "" ? [] : rules) {
    const found = candidates.filter(rule);
    const [only] = found;
    if (only !== undefined) {
      return found.length === 1 ? { kind: "match", name: only } : { kind: "ambiguous", names: found };
    }
  }
  return { kind: "none", nearest: suggest(wanted, names) };
}

function withoutVersion(name: string): string {
  return name.replace(/@[^#]*/, "");
}

/** Names that differ only in how their words are joined are equal. */
function fold(name: string): string {
  return toKebab(name);
}

/** True when `end` is the last whole parts of `name`: parts are divided by `:`, `/`, `#`, and `.` or `]` in resource methods. */
function endsAtBoundary(name: string, end: string): boolean {
  return name.endsWith(end) && ":/#.]".includes(name.at(-end.length - 1) ?? " ");
}

/** Compares whole names and their last parts: `ad` is near `calc#add`. */
function suggest(wanted: string, names: readonly string[]): string[] {
  const lastPart = (name: string) => name.slice(name.lastIndexOf("#") + 1);
  const direct = nearestNames(wanted, names);
  const byLastPart = nearestNames(lastPart(wanted), names.map(lastPart));
  const more = byLastPart.flatMap((part) => names.filter((name) => lastPart(name) === part));
  return [...new Set([...hashed(wanted, names), ...direct, ...more])].slice(0, 3);
}

/** `calc.add` means `calc#add`, as a rule. */
function hashed(wanted: string, names: readonly string[]): string[] {
  if (wanted.includes("#") || !wanted.includes(".")) return [];
  const match = matchName(wanted.replace(/\.(?=[^.]*$)/, "#"), names);
  return match.kind === "match" ? [match.name] : [];
}
