import { WeftError } from "../../core/errors.ts";
import type { LuaCall, Returned } from "../../engine/lua/call.ts";
import type { LuaClass, LuaFunction, LuaModule } from "../../engine/lua/module.ts";
import { compareLines } from "./diff.ts";
import { compileExpression, expressionClass } from "./regexp.ts";
import { newSplitter, splitterClass } from "./splitter.ts";

/** Compares texts. */
class Differ {
  readonly name = "differ";
}

/** How many characters stayed, came and went. */
function summarize(call: LuaCall<unknown>): Returned {
  const counts = { equals: 0, insertions: 0, deletions: 0 };
  for (const { operation, text } of compareLines(call.text(2), call.text(3))) {
    const length = Array.from(text).length;
    if (operation === "equal") counts.equals += length;
    else if (operation === "insert") counts.insertions += length;
    else counts.deletions += length;
  }
  return counts;
}

const signs = { equal: " ", insert: "+", delete: "-" } as const;

function pretty(call: LuaCall<unknown>): Returned {
  return compareLines(call.text(2), call.text(3))
    .flatMap(({ operation, text }) =>
      text
        .replace(/\n$/, "")
        .split("\n")
        .map((line) => `${signs[operation]}${line}`),
    )
    .join("\n");
}

const unsupported =
  (name: string): LuaFunction<unknown> =>
  () => {
    throw new WeftError("UNSUPPORTED", `${name} is not supported`);
  };

const differClass: LuaClass<unknown> = {
  type: Differ,
  methods: {
    compare: (call) => compareLines(call.text(2), call.text(3)),
    summarize,
    pretty_text: pretty,
    pretty_html: unsupported("text.diff pretty_html"),
    patch_make: unsupported("text.diff patch_make"),
    patch_apply: unsupported("text.diff patch_apply"),
  },
};

/** Regular expressions (RE2), differences between texts, and pieces of texts. */
export const textModule: LuaModule<unknown> = {
  name: "text",
  always: false,
  classes: [expressionClass, splitterClass, differClass],
  table: {
    regexp: { compile: compileExpression },
    diff: { new: () => new Differ() },
    splitter: { recursive: newSplitter("recursive"), markdown: newSplitter("markdown") },
  },
};
