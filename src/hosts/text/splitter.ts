import { WeftError } from "../../core/errors.ts";
import type { LuaCall } from "../../engine/lua/call.ts";
import type { LuaClass } from "../../engine/lua/module.ts";

type Call = LuaCall<unknown>;

interface SplitOptions {
  /** Characters that a piece has at most, unless it cannot be cut. */
  readonly size: number;
  /** Characters of the piece before that a piece begins with. */
  readonly overlap: number;
  /** Where to cut, the best places first; the empty text cuts anywhere. */
  readonly separators: readonly string[];
}

const defaultSeparators = ["\n\n", "\n", " ", ""];
const markdownSeparators = [
  "\n# ",
  "\n## ",
  "\n### ",
  "\n#### ",
  "\n##### ",
  "\n###### ",
  "```\n",
  "\n---\n",
  "\n\n",
  "\n",
  " ",
  "",
];

/** Cuts texts into pieces of about a size, at the best places there are. */
class Splitter {
  readonly options: SplitOptions;

  constructor(options: SplitOptions) {
    this.options = options;
  }

  split(text: string): string[] {
    return withOverlap(merge(cut(text, this.options, 0), this.options.size), this.options);
  }
}

/** Makes a splitter for plain text or for Markdown. */
export const newSplitter =
  (kind: "recursive" | "markdown") =>
  (call: Call): Splitter => {
    const given = call.record(1);
    const { chunk_size: size = 4_000, chunk_overlap: overlap = 200 } = given;
    const separators = given["separators"] ?? (kind === "markdown" ? markdownSeparators : defaultSeparators);
    if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 1)
      throw wrong("chunk_size is a number above 0");
    if (typeof overlap !== "number" || !Number.isSafeInteger(overlap) || overlap < 0)
      throw wrong("chunk_overlap is 0 or more");
    // The default overlap suits the default size.
    const shared = given["chunk_overlap"] === undefined ? Math.min(overlap, Math.floor(size / 20)) : overlap;
    if (shared >= size) throw wrong("chunk_overlap is less than chunk_size");
    if (!Array.isArray(separators)) throw wrong("separators are a list of texts");
    return new Splitter({ size, overlap: shared, separators: separators.filter((each) => typeof each === "string") });
  };

/** Pieces that fit, cut at the first separator that makes them fit; each keeps its separator in front. */
function cut(text: string, options: SplitOptions, level: number): string[] {
  if (text.length <= options.size) return [text];
  const separator = options.separators[level];
  if (separator === undefined) return [text];
  if (separator === "") return byLength(text, options.size);
  const parts = text.split(separator).map((part, i) => (i === 0 ? part : `${separator}${part}`));
  return parts.filter((part) => part !== "").flatMap((part) => cut(part, options, level + 1));
}

function byLength(text: string, size: number): string[] {
  const letters = Array.from(text);
  return Array.from({ length: Math.ceil(letters.length / size) }, (_, i) =>
    letters.slice(i * size, (i + 1) * size).join(""),
  );
}

/** Puts neighbours together as long as they fit. */
function merge(pieces: readonly string[], size: number): string[] {
  const merged: string[] = [];
  for (const piece of pieces) {
    const last = merged.at(-1);
    if (last !== undefined && last.length + piece.length <= size) merged[merged.length - 1] = last + piece;
    else merged.push(piece);
  }
  return merged;
}

function withOverlap(pieces: readonly string[], { overlap }: SplitOptions): string[] {
  return pieces
    .map((piece, i) => (overlap === 0 ? "" : (pieces[i - 1] ?? "").slice(-overlap)) + piece)
    .map((piece) => piece.trim())
    .filter((piece) => piece !== "");
}

function wrong(message: string): WeftError {
  return new WeftError("INVALID_ARGUMENT", message);
}

/** Splitters as Lua sees them. */
export const splitterClass: LuaClass<unknown> = {
  type: Splitter,
  methods: {
    split_text: (call) => call.object(1, Splitter).split(call.text(2)),
    split_batch: (call) => {
      const splitter = call.object(1, Splitter);
      const pages = call.value(2);
      if (!Array.isArray(pages)) throw wrong("pages are a list of {content, metadata}");
      return pages.flatMap((page: unknown) => {
        const { content, metadata = {} } = pageOf(page);
        return splitter.split(content).map((piece) => ({ content: piece, metadata }));
      });
    },
  },
};

function pageOf(page: unknown): { readonly content: string; readonly metadata?: unknown } {
  if (typeof page === "string") return { content: page };
  if (typeof page !== "object" || page === null || !("content" in page) || typeof page.content !== "string") {
    throw wrong("a page is a text, or a table with its content");
  }
  return { content: page.content, ...("metadata" in page ? { metadata: page.metadata } : {}) };
}
