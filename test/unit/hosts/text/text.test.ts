import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyPatches, makePatches } from "../../../../src/hosts/text/patch.ts";
import { compareLines } from "../../../../src/hosts/text/diff.ts";
import { instance } from "../lua/support/instance.ts";

const { run } = instance();

describe("regular expressions", () => {
  test.each([
    ["[a-z]+", ':match_string("12ab")', true],
    ["[a-z]+", ':match_string("12")', false],
    ["[a-z]+", ':find_string("12ab cd")', "ab"],
    ["[a-z]+", ':find_string("12")', null],
    ["ß(.)", ':find_string_index("Grüße")', [5, 7]],
    ["(\\\\w)(\\\\d)?", ':find_string_submatch("ab")', ["a", "a", ""]],
    ["\\\\d", ':find_all_string("1a2b3")', ["1", "2", "3"]],
    ["\\\\d", ':find_all_string("1a2b3", 2)', ["1", "2"]],
    [
      "\\\\d",
      ':find_all_string_index("1a2")',
      [
        [1, 1],
        [3, 3],
      ],
    ],
    [
      "(\\\\w)=(\\\\d)",
      ':find_all_string_submatch("a=1 b=2")',
      [
        ["a=1", "a", "1"],
        ["b=2", "b", "2"],
      ],
    ],
    ["(\\\\w)=(\\\\d)", ':replace_all_string("a=1", "${2}=$1")', "1=a"],
    ["\\\\d", ':replace_all_string("a1", "\\\\n")', "a\\n"],
    ["(?P<x>a)", ':replace_all_string("aa", "<$x$$$y>")', "<a$><a$>"],
    ["\\\\d", ':replace_all_literal_string("a1", "$1")', "a$1"],
    [",\\\\s*", ':split("a, b,c")', ["a", "b", "c"]],
    [",", ':split("a,b,c", 2)', ["a", "b,c"]],
    ["x(?P<year>\\\\d)(y)", ":subexp_names()", ["", "year", ""]],
    ["(a)(b)", ":num_subexp()", 2],
    ["a+", ":string()", "a+"],
  ])("%s%s", async (pattern, method, expected) => {
    expect(await run(`return text.regexp.compile("${pattern}")${method}`)).toEqual(expected);
  });

  test("one that would take for ever takes no time; what is none is refused", async () => {
    expect(await run(`return text.regexp.compile("^(a+)+$"):match_string(string.rep("a", 5000) .. "b")`)).toBe(false);
    expect(await run(`local v, e = text.regexp.compile("(") return { e:kind(), e:message() }`)).toEqual([
      "Invalid",
      expect.stringContaining("no regular expression"),
    ]);
    expect(await run(`local v, e = text.regexp.compile(string.rep("a", 10001)) return e:kind()`)).toBe("Invalid");
  });
});

describe("differences", () => {
  const lines = fc.array(fc.constantFrom("a", "b", "c", "")).map((all) => all.join("\n"));

  test("make the one text of the other", () => {
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const found = compareLines(before, after);
        const without = (left: string) =>
          found
            .filter(({ operation }) => operation !== left)
            .map((each) => each.text)
            .join("");
        expect([without("insert"), without("delete")]).toEqual([before, after]);
        if (before === after) expect(found.every(({ operation }) => operation === "equal")).toBe(true);
      }),
    );
  });

  test("from Lua", () => {
    expect(
      run(`local d = text.diff.new()
        local all = {} for i, each in ipairs(d:compare("a\\nb\\nc\\n", "a\\nx\\nc\\n")) do all[i] = each.operation .. ":" .. each.text end
        return { all, d:summarize("a\\nb\\n", "a\\nxy\\n"), d:pretty_text("a\\nb\\n", "a\\nc\\n") }`),
    ).toEqual([
      ["equal:a\n", "delete:b\n", "insert:x\n", "equal:c\n"],
      { equals: 2, insertions: 3, deletions: 2 },
      " a\n-b\n+c",
    ]);
  });

  test("as patches give the new text again, wherever its lines have moved to", () => {
    fc.assert(
      fc.property(lines, lines, lines, (before, after, above) => {
        const patches = makePatches(before, after);
        expect(applyPatches(patches, before)).toEqual({ text: after, all: true });
        const unlike = above.replaceAll(/[^\n]+/g, "~$&");
        const head = unlike === "" || unlike.endsWith("\n") ? unlike : `${unlike}\n`;
        if (patches.every((patch) => patch.before.trim() !== "")) {
          expect(applyPatches(patches.slice(0, 1), head + before).all).toBe(true);
        }
      }),
    );
  });

  test("as patches and as HTML, from Lua", () => {
    expect(
      run(`local d = text.diff.new()
        local patches = d:patch_make("a\\nb\\nc\\n", "a\\nx\\nc\\n")
        local new, all = d:patch_apply(patches, "zero\\na\\nb\\nc\\n")
        local same, none = d:patch_apply(patches, "nothing alike")
        local _, err = d:patch_apply({ 7 }, "x")
        return { #patches, new, all, same, none, tostring(err), d:pretty_html("<a>\\n", "b\\n") }`),
    ).toEqual([
      1,
      "zero\na\nx\nc\n",
      true,
      "nothing alike",
      false,
      "patches are what patch_make gives: a list of {line, before, after}",
      "<del>&lt;a&gt;\n</del><ins>b\n</ins>",
    ]);
  });

  test("texts that are too different are refused", () => {
    const many = (letter: string) => Array.from({ length: 3_000 }, (_, i) => `${letter}${i}`).join("\n");
    expect(() => compareLines(many("a"), many("b"))).toThrow("differ in more than");
    expect(() => compareLines(many("a").repeat(4), many("a").repeat(4))).toThrow("more than 20000 lines");
  });
});

describe("pieces", () => {
  test("fit, and have everything, in order", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("word", "\n", "\n\n", " ", "#", "long".repeat(8))),
        fc.integer({ min: 1, max: 40 }),
        (parts, size) => {
          const whole = parts.join("");
          const pieces = run(
            "local t, size = ... return text.splitter.recursive({ chunk_size = size, chunk_overlap = 0 }):split_text(t)",
            whole,
            size,
          );
          const list: readonly unknown[] = Array.isArray(pieces) ? pieces : [];
          for (const piece of list) expect(String(piece).length).toBeLessThanOrEqual(size);
          expect(list.join("").replaceAll(/\s/g, "")).toBe(whole.replaceAll(/\s/g, ""));
        },
      ),
    );
  });

  test("begin with the end of the piece before, and keep what is known of their page", () => {
    expect(
      run(`local s = text.splitter.recursive({ chunk_size = 5, chunk_overlap = 2, separators = { "" } })
        return { s:split_text("abcdefghij"), s:split_batch({ { content = "ab", metadata = { page = 1 } }, "cd" }) }`),
    ).toEqual([
      ["abcde", "defghij"],
      [
        { content: "ab", metadata: { page: 1 } },
        { content: "cd", metadata: [] },
      ],
    ]);
    expect(
      run(
        `return text.splitter.markdown({ chunk_size = 12, chunk_overlap = 0 }):split_text("# One\\ntext\\n# Two\\ntext")`,
      ),
    ).toEqual(["# One\ntext", "# Two\ntext"]);
  });

  test.each(["{ chunk_size = 0 }", "{ chunk_size = 5, chunk_overlap = 5 }", "{ separators = 1 }"])(
    "%s is refused",
    (options) => {
      expect(run(`local v, e = text.splitter.recursive(${options}) return e:kind()`)).toBe("Invalid");
    },
  );
});
