// The format strings of string.pack.
import type { Thread } from "../internals.seam.ts";
import { fail, refuse } from "./arguments.seam.ts";

/** One item of a format. */
export interface Field {
  readonly kind: "signed" | "unsigned" | "float" | "fixed" | "counted" | "terminated" | "padding" | "alignment";
  readonly size: number;
  /** Natural alignment; 0 for what needs none. */
  readonly alignment: number;
  readonly isLittle: boolean;
  readonly largestAlignment: number;
}

const nativeInteger = 4;
const nativeSize = 8;
const longestInteger = 16;

type Kind = Field["kind"];

/** Options without a size of their own. */
const plain: Readonly<Record<string, readonly [Kind, number]>> = {
  b: ["signed", 1],
  B: ["unsigned", 1],
  h: ["signed", 2],
  H: ["unsigned", 2],
  l: ["signed", 8],
  L: ["unsigned", 8],
  j: ["signed", 8],
  J: ["unsigned", 8],
  T: ["unsigned", 8],
  f: ["float", 4],
  d: ["float", 8],
  n: ["float", 8],
  z: ["terminated", 0],
  x: ["padding", 1],
};

/** Options followed by a number of bytes, with their default. */
const sized: Readonly<Record<string, readonly [Kind, number]>> = {
  i: ["signed", nativeInteger],
  I: ["unsigned", nativeInteger],
  s: ["counted", nativeSize],
};

/** Reads a format item by item. */
export class Layout {
  readonly #L: Thread;
  readonly #format: string;
  #at = 0;
  #isLittle = true;
  #largestAlignment = 1;

  constructor(L: Thread, format: string) {
    this.#L = L;
    this.#format = format;
  }

  next(): Field | undefined {
    while (this.#at < this.#format.length) {
      const field = this.#option();
      if (field !== undefined) return field;
    }
    return undefined;
  }

  #option(): Field | undefined {
    const letter = this.#format[this.#at++] ?? "";
    const found = plain[letter];
    if (found !== undefined) return this.#field(...found);
    const sizedKind = sized[letter];
    if (sizedKind !== undefined) return this.#field(sizedKind[0], this.#size(sizedKind[1]));
    switch (letter) {
      case "c": {
        const size = this.#number();
        return this.#field("fixed", size ?? fail(this.#L, "missing size for format option 'c'"));
      }
      case "X":
        return this.#alignTo();
      case " ":
        return undefined;
      case "<":
      case "=":
        this.#isLittle = true;
        return undefined;
      case ">":
        this.#isLittle = false;
        return undefined;
      case "!":
        this.#largestAlignment = this.#size(nativeSize);
        return undefined;
      default:
        return fail(this.#L, `invalid format option '${letter}'`);
    }
  }

  #alignTo(): Field {
    const next = this.#at < this.#format.length ? this.#option() : undefined;
    if (next === undefined || next.kind === "fixed" || next.size === 0) {
      return refuse(this.#L, 1, "invalid next option for option 'X'");
    }
    return { ...this.#field("alignment", 0), alignment: next.size };
  }

  #field(kind: Kind, size: number): Field {
    const isAligned = kind === "signed" || kind === "unsigned" || kind === "float" || kind === "counted";
    return {
      kind,
      size,
      alignment: isAligned ? size : 0,
      isLittle: this.#isLittle,
      largestAlignment: this.#largestAlignment,
    };
  }

  #number(): number | undefined {
    const [digits = ""] = /^\d+/.exec(this.#format.slice(this.#at)) ?? [];
    this.#at += digits.length;
    return digits === "" ? undefined : Math.min(Number(digits), 0x7fffffff);
  }

  #size(otherwise: number): number {
    const size = this.#number() ?? otherwise;
    if (size >= 1 && size <= longestInteger) return size;
    return fail(this.#L, `integral size (${size}) out of limits [1,16]`);
  }
}

/** Bytes before a field so that it stands at its alignment. */
export function paddingOf(L: Thread, { alignment, largestAlignment }: Field, total: number): number {
  const step = Math.min(alignment, largestAlignment);
  if (step <= 1) return 0;
  if ((step & (step - 1)) !== 0) refuse(L, 1, "format asks for alignment not power of 2");
  return (step - (total & (step - 1))) & (step - 1);
}
