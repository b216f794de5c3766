/** The ways people write a WIT name: as it stands, kebab-case, snake_case, camelCase. The name itself comes first. */
export function spellings(name: string): string[] {
  const kebab = toKebab(name);
  return [...new Set([name, kebab, kebab.replaceAll("-", "_"), toCamel(kebab)])];
}

/** `fooBar`, `foo_bar` and `foo-bar` as `foo-bar`; acronyms written in capitals stay one word. */
export function toKebab(name: string): string {
  return name
    .replaceAll("_", "-")
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase();
}

function toCamel(kebab: string): string {
  return kebab.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * For each of several names that stand side by side, the spellings that mean it and no other: an exact name always
 * wins, and a spelling that two names could claim belongs to the first.
 */
export function distinctSpellings(names: readonly string[]): string[][] {
  const taken = new Set(names);
  return names.map((name) => {
    const own = spellings(name).filter((spelling) => spelling === name || !taken.has(spelling));
    for (const spelling of own) taken.add(spelling);
    return own;
  });
}

/** From every accepted spelling to the index of the name it means. */
export function spellingIndex(names: readonly string[]): Map<string, number> {
  const index = new Map<string, number>();
  for (const [position, own] of distinctSpellings(names).entries()) {
    for (const spelling of own) index.set(spelling, position);
  }
  return index;
}
