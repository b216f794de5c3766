/**
 * Whether an import of a version is satisfied by the version implemented: the same major, and the same minor while the
 * major is 0. WASI adds nothing to 0.2 that its guests could not do without, so a newer patch is served too; a function
 * that is missing then is reported when it is called. An import without a version takes what there is.
 */
export function satisfies(implemented: string, wanted: string | undefined): boolean {
  if (wanted === undefined || wanted === implemented) return true;
  const have = parts(implemented);
  const want = parts(wanted);
  if (have === undefined || want === undefined || have.major !== want.major) return false;
  return have.major === 0 ? have.minor === want.minor : have.minor >= want.minor;
}

function parts(version: string): { readonly major: number; readonly minor: number } | undefined {
  const match = /^(\d+)\.(\d+)\.\d+$/.exec(version);
  return match === null ? undefined : { major: Number(match[1]), minor: Number(match[2]) };
}
