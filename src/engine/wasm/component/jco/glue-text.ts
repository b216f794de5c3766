/** A list that reaches beyond the memory is a trap; without this it would silently be shorter. */
const checkedSlice = `function checkedSlice(buffer, at, length) {
  if (at + length > buffer.byteLength) throw new RangeError("a list out of bounds of memory");
  return buffer.slice(at, at + length);
}`;

/**
 * Turns jco's ES module into the body of a function that returns its `instantiate`: modules can only be loaded from
 * addresses, and are never freed. Debug logging, which reads the environment ten times per call, is emptied. Strings
 * are decoded as they stand, and must be well-formed.
 * @throws Error when jco's output no longer looks as expected, which is a bug of ours.
 */
export function prepareGlue(source: string): string {
  const emptied = replaceOnce(
    source,
    /const _debugLog = \(\.\.\.args\) => \{\s*if \(!globalThis\?\.process\?\.env\?\.JCO_DEBUG\) \{ return; \}\s*console\.debug\(\.\.\.args\);\s*\};/,
    "const _debugLog = () => {};",
  );
  const opened = replaceOnce(emptied, /^export function instantiate\(/m, "function instantiate(");
  const closed = replaceOnce(opened, /^export const _util\b/m, "const _util");
  // Traps keep V8's messages, by which they get their codes.
  const honest = closed.replace("function _normalizeCoreTrap(err) {", "function _normalizeCoreTrap(err) { return err;");
  const strict = honest
    .replaceAll(/new TextDecoder\((?:'(utf-16)')?\)/g, (_, wide?: string) => {
      return `new TextDecoder('${wide ?? "utf-8"}', { fatal: true, ignoreBOM: true })`;
    })
    .replaceAll(/(\w+)\.buffer\.slice\((\w+), \2 \+ (\w+) \* (\d+)\)/g, "checkedSlice($1.buffer, $2, $3 * $4)");
  // A payload's text says nothing, and cannot be had when one of its fields is called `to-string`.
  const quiet = strict.replace("`${String(value)} (see error.payload)`", '"the guest returned err"');
  // Only used when no `getCoreModule` is given; the words alone are not allowed outside of modules.
  const plain = quiet.replaceAll("import.meta.url", '""');
  if (/^(?:import|export)\b/m.test(plain)) throw new Error("jco's glue imports or exports more than expected");
  return `${checkedSlice}\n${plain}\nreturn instantiate;`;
}

function replaceOnce(text: string, pattern: RegExp, replacement: string): string {
  if (!pattern.test(text)) throw new Error(`jco's glue has no ${pattern.source.slice(0, 40)}`);
  return text.replace(pattern, replacement);
}
