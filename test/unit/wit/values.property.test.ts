import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WeftError } from "../../../src/core/errors.ts";
import { formatDocument } from "../../../src/wit/format.ts";
import { parseWit } from "../../../src/wit/parse/parse.ts";
import type { WitFunction, WitType } from "../../../src/wit/types.ts";
import { compileArguments, compileArgumentsWith, compileResult } from "../../../src/wit/values/arguments.ts";
import { generateWriter } from "../../../src/wit/values/compile.seam.ts";
import { witFunction, witType, witValue } from "../../support/wit-arbitraries.ts";
import { taggedReader, taggedWriter } from "./tagged-backend.ts";
import { lenient, sites } from "./walk.ts";

const typed = witType().chain((type) => fc.tuple(fc.constant(type), witValue(type)));

function taking(type: WitType): WitFunction {
  return { name: "f", params: [{ name: "x", type }] };
}

describe("values of arbitrary types", () => {
  test("a canonical value is a fixed point", () => {
    fc.assert(
      fc.property(typed, ([type, value]) => {
        expect(compileArguments(taking(type))([value])).toEqual([value]);
        expect(compileResult({ name: "f", params: [], result: type })(value)).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });

  test("a lenient spelling reads as the canonical value", () => {
    const spelled = typed.chain(([type, value]) =>
      fc.tuple(fc.constant(type), fc.constant(value), lenient(type, value)),
    );
    fc.assert(
      fc.property(spelled, ([type, value, other]) => {
        expect(compileArguments(taking(type))([other])).toEqual([value]);
      }),
      { numRuns: 500 },
    );
  });

  test("a single wrong value gives an error with exactly its path", () => {
    const planted = typed.chain(([type, value]) =>
      fc.tuple(
        fc.constant(type),
        fc.constantFrom(...sites(type, value)),
        fc.constantFrom<unknown>(() => 1, 7.5, Symbol("x")),
      ),
    );
    fc.assert(
      fc.property(planted, ([type, site, wrong]) => {
        const isFloat = site.type.kind === "f32" || site.type.kind === "f64";
        const innermost = innermostOf(site.type);
        fc.pre(typeof wrong !== "number" || !(isFloat || innermost === "f32" || innermost === "f64"));
        expect(pathOfFailure(type, site.replace(wrong))).toBe(`argument 1 "x"${site.path}`);
      }),
      { numRuns: 1000 },
    );
  });

  test("any value survives the way through another backend", () => {
    fc.assert(
      fc.property(typed, ([type, value]) => {
        const foreign = generateWriter(taggedWriter, type)(value);
        expect(compileArgumentsWith(taggedReader, taking(type))([foreign])).toEqual([value]);
      }),
      { numRuns: 500 },
    );
  });

  test("a signature survives being written and parsed", () => {
    fc.assert(
      fc.property(witFunction(), (signature) => {
        expect(parseWit(formatDocument([signature])).functions).toEqual([signature]);
      }),
      { numRuns: 300 },
    );
  });
});

/** An option takes whatever its inside takes. */
function innermostOf(type: WitType): string {
  return type.kind === "option" ? innermostOf(type.some) : type.kind;
}

function pathOfFailure(type: WitType, value: unknown): unknown {
  try {
    compileArguments(taking(type), { id: "app:f" })([value]);
  } catch (error) {
    if (!(error instanceof WeftError)) throw error;
    expect(error.code).toBe("INVALID_ARGUMENT");
    expect(error.message.length).toBeLessThan(2_000);
    return error.details["path"];
  }
  return "no error";
}
