// string.gsub. Its callbacks may wait, and both it and they can be stopped between any two steps.
import { push, slotAt } from "../api.seam.ts";
import { anyFunction, api, auxiliary, INTEGER, STRING, TABLE, variantMask, type Thread } from "../internals.seam.ts";
import { isString } from "../numbers.seam.ts";
import { fromCharacters } from "../strings.seam.ts";
import { inTurns } from "../turns.seam.ts";
import { fail, integerOr, isNumber, isTrue, refuse, shown, textArgument } from "./arguments.seam.ts";
import { Builder } from "./builder.seam.ts";
import { part, pushCapture, pushMatch } from "./captures.seam.ts";
import { Matcher, notYet } from "./pattern.seam.ts";

const replacementAt = 3;

/** What stands for matches: a text, a text with captures in it, or something to ask. */
type Replacement = { readonly text: string } | { readonly template: readonly string[] } | "table" | "function";

function replacementArgument(L: Thread): Replacement {
  const slot = slotAt(L, replacementAt);
  if (isString(slot.type) || isNumber(slot)) {
    const text = shown(L, replacementAt);
    return text.includes("%") ? { template: parts(text) } : { text };
  }
  if (slot.type === TABLE) return "table";
  if ((slot.type & variantMask) === anyFunction) return "function";
  return refuse(L, replacementAt, "string/function/table expected");
}

const badSign = "%";

/** Texts and, between them, the digits of captures. */
function parts(text: string): string[] {
  const found: string[] = [];
  let plain = "";
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== "%") {
      plain += text[i];
      continue;
    }
    const sign = text[++i] ?? "";
    if (sign === "%") plain += "%";
    else if (sign >= "0" && sign <= "9" && sign !== "") {
      found.push(plain, sign);
      plain = "";
    } else {
      // An error only when something is replaced.
      found.push(plain, badSign);
      plain = "";
    }
  }
  return [...found, plain];
}

class Substitution {
  readonly #matcher: Matcher;
  readonly #replacement: Replacement;
  readonly #most: number;
  readonly #isAnchored: boolean;
  readonly #out = new Builder();
  /** Where the subject has been copied to, where the next match may begin, and where the last one ended. */
  #copied = 0;
  #from = 0;
  #last = -1;
  #count = 0;
  /** The end of the match whose callback is running. */
  #asked = -1;

  constructor(L: Thread) {
    const subject = textArgument(L, 1);
    const pattern = textArgument(L, 2);
    this.#replacement = replacementArgument(L);
    this.#most = Number(integerOr(L, 4, () => subject.length + 1));
    this.#isAnchored = pattern.startsWith("^");
    this.#matcher = new Matcher(L, subject, pattern, this.#isAnchored ? 1 : 0);
  }

  work(L: Thread): number | undefined {
    if (this.#asked >= 0) this.#answered(L);
    const { subject } = this.#matcher;
    while (this.#count < this.#most && this.#from <= subject.length) {
      const end = this.#matcher.search(L, this.#from, this.#isAnchored ? this.#from : subject.length);
      if (end === notYet) return undefined;
      if (end < 0) break;
      const { start } = this.#matcher;
      // An empty match right behind the last one is part of it.
      if (end === this.#last) this.#from = start + 1;
      else {
        this.#out.add(L, subject.slice(this.#copied, start));
        this.#count++;
        this.#replace(L, end);
      }
      if (this.#isAnchored) break;
      if (L.l_G.fuel < 0) return undefined;
    }
    this.#out.add(L, subject.slice(this.#copied));
    const result = this.#out.finish(L);
    push(L, STRING, fromCharacters(part(result, 0, result.length)));
    push(L, INTEGER, this.#count);
    return 2;
  }

  #replace(L: Thread, end: number): void {
    const replacement = this.#replacement;
    if (typeof replacement === "object") {
      if ("text" in replacement) this.#out.add(L, replacement.text);
      else this.#fill(L, replacement.template, end);
      return this.#goOn(end);
    }
    this.#asked = end;
    if (replacement === "table") {
      pushCapture(L, this.#matcher, 0, end);
      api.lua_gettable(L, replacementAt);
    } else {
      api.lua_pushvalue(L, replacementAt);
      const count = pushMatch(L, this.#matcher, end);
      api.lua_callk(L, count, 1, 0, (again: Thread) => inTurns(again, (thread) => this.work(thread)));
    }
    this.#answered(L);
  }

  #fill(L: Thread, template: readonly string[], end: number): void {
    template.forEach((text, i) => {
      if (i % 2 === 0) return this.#out.add(L, text);
      if (text === "0") return this.#out.add(L, this.#matcher.subject.slice(this.#matcher.start, end));
      if (text === badSign) fail(L, "invalid use of '%' in replacement string");
      const at = Number(text) - 1;
      pushCapture(L, this.#matcher, at, end);
      this.#out.add(L, shown(L, -1));
      L.top--;
    });
  }

  /** Takes what the callback returned from the top of the stack. */
  #answered(L: Thread): void {
    const end = this.#asked;
    this.#asked = -1;
    const slot = slotAt(L, -1);
    if (!isTrue(slot)) this.#out.add(L, this.#matcher.subject.slice(this.#matcher.start, end));
    else if (isString(slot.type) || isNumber(slot)) this.#out.add(L, shown(L, -1));
    else fail(L, `invalid replacement value (a ${new TextDecoder().decode(auxiliary().luaL_typename(L, -1))})`);
    L.top--;
    this.#goOn(end);
  }

  #goOn(end: number): void {
    this.#copied = this.#from = this.#last = end;
  }
}

/** `string.gsub`. */
export function substitute(L: Thread): number {
  const substitution = new Substitution(L);
  return inTurns(L, (thread) => substitution.work(thread));
}
