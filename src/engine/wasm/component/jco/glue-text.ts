import { liftedBytes } from "../../canonical/guest-memory.ts";
import { watchKey } from "./imports.ts";

/** What one element of a list takes outside of the guest, at least. In bytes. */
const elementBytes = 32;

/**
 * A list that reaches beyond the memory is a trap; without this it would silently be shorter. And what a list brings out
 * of the guest is bounded, since its elements may all be the same megabyte: the outermost loop counts for those inside.
 * One that throws leaves `depth` as it is, until the next call starts.
 */
const bounds = `let depth = 0, left = 0;
function startCall() { depth = 0; }
function spend(bytes) {
  left -= bytes;
  if (depth > 0 && left < 0) throw new RangeError("a list is larger than ${liftedBytes} bytes");
}
function enterList(length) {
  if (depth++ === 0) left = ${liftedBytes};
  spend((length >>> 0) * ${elementBytes});
  return 0;
}
function leaveList() { depth -= 1; return false; }
function checkedSlice(buffer, at, length) {
  if (at + length > buffer.byteLength) throw new RangeError("a list out of bounds of memory");
  spend(length);
  return buffer.slice(at, at + length);
}
class CountingDecoder extends TextDecoder {
  decode(bytes) { spend(bytes.length); return super.decode(bytes); }
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
      return `new CountingDecoder('${wide ?? "utf-8"}', { fatal: true, ignoreBOM: true })`;
    })
    .replaceAll(/(\w+)\.buffer\.slice\((\w+), \2 \+ (\w+) \* (\d+)\)/g, "checkedSlice($1.buffer, $2, $3 * $4)");
  const bounded = strict.replaceAll(
    /for \((let|var) i = 0; i < (len\d*); i\+\+\) \{/g,
    "for ($1 i = enterList($2); i < $2 || leaveList(); i++) {",
  );
  // A payload's text says nothing, and cannot be had when one of its fields is called `to-string`.
  const quiet = bounded.replace("`${String(value)} (see error.payload)`", '"the guest returned err"');
  // Only components that import functions have it.
  const watched = quiet.includes("_trackHostOperation") ? watchHosts(quiet) : quiet;
  // Only used when no `getCoreModule` is given; the words alone are not allowed outside of modules.
  const plain = cleansUpAsCalled(watched).replaceAll("import.meta.url", '""');
  if (/^(?:import|export)\b/m.test(plain)) throw new Error("jco's glue imports or exports more than expected");
  return `${bounds}\n${plain}\nreturn { instantiate, startCall };`;
}

function watchHosts(source: string): string {
  return replaceOnce(
    source,
    /function _trackHostOperation\(operation\) \{\s*const result = operation\(\);/,
    `function _trackHostOperation(operation) { const result = imports[${JSON.stringify(watchKey)}](operation);`,
  );
}

/** What a guest that may wait cleans up with is called as its function was, so that a watch over it sees that, too. */
function cleansUpAsCalled(source: string): string {
  const functions = source.split(/^(?=[ ]*(?:async )?function )/m);
  return functions
    .map((text) => {
      return /^ *async /.test(text) ? text.replaceAll(/\bpostReturn(\d+)\(/g, "await postReturn$1Async(") : text;
    })
    .join("");
}

function replaceOnce(text: string, pattern: RegExp, replacement: string): string {
  if (!pattern.test(text)) throw new Error(`jco's glue has no ${pattern.source.slice(0, 40)}`);
  return text.replace(pattern, replacement);
}
