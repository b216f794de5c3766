// Seam for re2js, which is loaded with the first pattern of an author's: isolates start without it, and neither a policy nor
// a check of a value can wait.
import { createRequire } from "node:module";
import type { RE2JS } from "re2js";

const require = createRequire(import.meta.url);
let library: { readonly RE2JS: typeof RE2JS } | undefined;

/** A test whether a regular expression is found in a text, in time linear to the text. @throws Error for a malformed one. */
export function compileSearch(pattern: string): (text: string) => boolean {
  library ??= require("re2js") as { readonly RE2JS: typeof RE2JS };
  const compiled = library.RE2JS.compile(pattern);
  return (text) => compiled.matcher(text).find();
}
