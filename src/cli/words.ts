import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { WeftError } from "../core/errors.ts";
import type { Value } from "../core/values.ts";
import { coerceWord, coerceWords } from "../wit/coerce.ts";
import type { WitFunction, WitType } from "../wit/types.ts";
import { CommandError } from "./contract.ts";
import { unreadable } from "./read-program.ts";

/** The callee of a command line's words. */
export interface WordsTarget {
  readonly id: string;
  readonly signature: WitFunction | undefined;
}

/**
 * Words of a command line as arguments: `@file` is a file's contents, `-` is stdin (once), `@@x` the text `@x`; the rest
 * by the callee's WIT types, or as JSON or plain text when it has none. One newline at the end of a text is dropped, as
 * shells do; a `list<u8>` gets every byte.
 * @throws WeftError `INVALID_ARGUMENT`, `FILE_NOT_FOUND`.
 */
export async function readWords(words: readonly string[], target: WordsTarget): Promise<readonly Value[]> {
  const { id, signature } = target;
  if (words.filter((word) => word === "-").length > 1) {
    throw new WeftError("INVALID_ARGUMENT", "only one argument can come from stdin (`-`)");
  }
  const read: string[] = [];
  for (const [index, word] of words.entries()) read.push(await readWord(word, signature?.params[index]?.type));
  return signature === undefined ? read.map(coerceWord) : coerceWords(signature, read, { id });
}

async function readWord(word: string, type: WitType | undefined): Promise<string> {
  if (word.startsWith("@@")) return word.slice(1);
  const bytes =
    word === "-" ? await buffer(process.stdin) : word.startsWith("@") ? await readNamed(word.slice(1)) : undefined;
  if (bytes === undefined) return word;
  // `coerceWords` takes bytes as a JSON array.
  if (type?.kind === "list" && type.element.kind === "u8") return `[${bytes.join(",")}]`;
  return bytes.toString("utf8").replace(/\r?\n$/, "");
}

async function readNamed(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new CommandError(
      "FILE_NOT_FOUND",
      unreadable(file, cause),
      "Check the path after @; write @@ for a text that begins with @.",
    );
  }
}
