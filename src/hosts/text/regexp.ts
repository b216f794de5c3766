import type { Matcher, RE2JS } from "re2js";
import { WeftError } from "../../core/errors.ts";
import type { LuaCall, Returned } from "../../engine/lua/call.ts";
import type { LuaClass } from "../../engine/lua/module.ts";

type Call = LuaCall<unknown>;

/** A pattern longer than this is refused. */
const patternLength = 10_000;

/** A regular expression that is matched in time linear to the text. */
class Expression {
  readonly compiled: RE2JS;

  constructor(compiled: RE2JS) {
    this.compiled = compiled;
  }
}

/** Reads an expression in the syntax of RE2. */
export async function compileExpression(call: Call): Promise<Expression> {
  const pattern = call.text(1);
  if (pattern.length > patternLength) {
    throw new WeftError("INVALID_ARGUMENT", `a regular expression has ${patternLength} characters at most`);
  }
  const { RE2JS: library } = await import("re2js");
  try {
    return new Expression(library.compile(pattern));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new WeftError("INVALID_ARGUMENT", `this is no regular expression: ${reason}`, { cause: error });
  }
}

const self = (call: Call) => call.object(1, Expression).compiled;
const matcherOf = (call: Call) => self(call).matcher(call.text(2));

/** How many are asked for. */
function mostOf(call: Call): number {
  const most = call.has(3) ? call.integer(3) : -1;
  return most < 0 ? Infinity : most;
}

/** Every match, up to as many as asked for; all when that is less than 0. */
function all<Result>(call: Call, read: (matcher: Matcher) => Result): Result[] {
  const matcher = matcherOf(call);
  const most = mostOf(call);
  const found: Result[] = [];
  while (found.length < most && matcher.find()) found.push(read(matcher));
  return found;
}

/** The match and its groups; a group that took no part is an empty text. */
function groups(matcher: Matcher): string[] {
  return Array.from({ length: matcher.groupCount() + 1 }, (_, i) => matcher.group(i) ?? "");
}

/** First and last byte of a match, as `string.sub` counts them. */
function place(text: string, matcher: Matcher): readonly [number, number] {
  const before = Buffer.byteLength(text.slice(0, matcher.start()));
  return [before + 1, before + Buffer.byteLength(matcher.group() ?? "")];
}

function split(call: Call): Returned {
  const text = call.text(2);
  const most = mostOf(call);
  const matcher = self(call).matcher(text);
  const pieces: string[] = [];
  let end = 0;
  while (pieces.length < most - 1 && matcher.find()) {
    if (matcher.end() === 0) continue;
    pieces.push(text.slice(end, matcher.start()));
    end = matcher.end();
  }
  return most === 0 ? [] : [...pieces, text.slice(end)];
}

function names(call: Call): string[] {
  const compiled = self(call);
  const named = Object.entries(compiled.namedGroups());
  return Array.from({ length: compiled.groupCount() + 1 }, (_, i) => named.find(([, index]) => index === i)?.[0] ?? "");
}

/** Regular expressions as Lua sees them. */
export const expressionClass: LuaClass<unknown> = {
  type: Expression,
  methods: {
    match_string: (call) => matcherOf(call).find(),
    find_string: (call) => {
      const matcher = matcherOf(call);
      return matcher.find() ? matcher.group() : null;
    },
    find_string_index: (call) => {
      const matcher = matcherOf(call);
      return matcher.find() ? place(call.text(2), matcher) : null;
    },
    find_string_submatch: (call) => {
      const matcher = matcherOf(call);
      return matcher.find() ? groups(matcher) : null;
    },
    find_all_string: (call) => all(call, (matcher) => matcher.group() ?? ""),
    find_all_string_index: (call) => all(call, (matcher) => place(call.text(2), matcher)),
    find_all_string_submatch: (call) => all(call, groups),
    replace_all_string: expand,
    replace_all_literal_string: (call) => {
      const replacement = call.text(3);
      return replaceAll(call, () => replacement);
    },
    split,
    num_subexp: (call) => self(call).groupCount(),
    subexp_names: names,
    string: (call) => self(call).pattern(),
  },
  meta: { __tostring: (call) => self(call).pattern() },
};

/** The text with every match replaced by what is made of it. */
function replaceAll(call: Call, make: (groups: readonly string[]) => string): string {
  const text = call.text(2);
  const matcher = self(call).matcher(text);
  const pieces: string[] = [];
  let end = 0;
  while (matcher.find()) {
    pieces.push(text.slice(end, matcher.start()), make(groups(matcher)));
    end = matcher.end();
  }
  return [...pieces, text.slice(end)].join("");
}

/** `$1`, `${1}`, `$name` and `${name}` in a replacement are groups, `$$` is a dollar; as in Go, a name is as long as it can be. */
function expand(call: Call): string {
  const names = self(call).namedGroups();
  const pieces = call.text(3).split(/(\$\$|\$\w+|\$\{\w+\})/);
  return replaceAll(call, (found) =>
    pieces
      .map((piece, i) => {
        if (i % 2 === 0) return piece;
        if (piece === "$$") return "$";
        const name = piece.replaceAll(/[${}]/g, "");
        return found[/^\d+$/.test(name) ? Number(name) : (names[name] ?? -1)] ?? "";
      })
      .join(""),
  );
}
