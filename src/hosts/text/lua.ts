import { results, type LuaCall, type Returned } from "../../engine/lua/call.ts";
import type { LuaClass, LuaModule } from "../../engine/lua/module.ts";
import { compareLines } from "./diff.ts";
import { applyPatches, makePatches, readPatch } from "./patch.ts";
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

const tags = { equal: "span", insert: "ins", delete: "del" } as const;
const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function prettyHtml(call: LuaCall<unknown>): Returned {
  return compareLines(call.text(2), call.text(3))
    .map(({ operation, text }) => {
      const escaped = text.replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? sign);
      return `<${tags[operation]}>${escaped}</${tags[operation]}>`;
    })
    .join("");
}

function applyPatch(call: LuaCall<unknown>): Returned {
  const given = call.value(2);
  const patches = Array.isArray(given) ? given.map(readPatch) : [readPatch(given)];
  const { text, all } = applyPatches(patches, call.text(3));
  return results(text, all);
}

const differClass: LuaClass<unknown> = {
  type: Differ,
  methods: {
    compare: (call) => compareLines(call.text(2), call.text(3)),
    summarize,
    pretty_text: pretty,
    pretty_html: prettyHtml,
    patch_make: (call) => makePatches(call.text(2), call.text(3)),
    patch_apply: applyPatch,
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
