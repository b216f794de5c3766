/**
 * Turns jco's ES module into the body of a function that returns its `instantiate`: modules can only be loaded from
 * addresses, and are never freed. Debug logging, which reads the environment ten times per call, is emptied.
 * @throws Error when jco's output no longer looks as expected, which is a bug of ours.
 */
export function prepareGlue(source: string): string {
  const emptied = replaceOnce(
    source,
    /const _debugLog = \(\.\.\.args\) => \{\s*if \(!globalThis\?\.process\?\.env\?\.JCO_DEBUG\) \{ return; \}\s*console\.debug\(\.\.\.args\);\s*\};/,
    "const _debugLog = () => {};",
  );
  const opened = replaceOnce(emptied, /^export function instantiate\(/m, "function instantiate(");
  const closed = replaceOnce(opened, /^export const _util = \{\s*\}/m, "");
  // Only used when no `getCoreModule` is given; the words alone are not allowed outside of modules.
  const plain = closed.replaceAll("import.meta.url", '""');
  if (/^(?:import|export)\b/m.test(plain)) throw new Error("jco's glue imports or exports more than expected");
  return `${plain}\nreturn instantiate;`;
}

function replaceOnce(text: string, pattern: RegExp, replacement: string): string {
  if (!pattern.test(text)) throw new Error(`jco's glue has no ${pattern.source.slice(0, 40)}`);
  return text.replace(pattern, replacement);
}
