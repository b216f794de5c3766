import * as fc from "fast-check";
import { expect, test } from "vitest";
import { hasPuc, run, runPuc } from "./interpreters.seam.ts";
import { randomProgram } from "./random-program.ts";

const choices = fc.array(fc.nat(), { minLength: 10, maxLength: 160 });

/** Programs of one run, parted by a line; PUC Lua runs all of them in one process. */
const programsPerProcess = 25;

test("random programs with small numbers run alike on the patched and on the stock interpreter", () => {
  fc.assert(
    fc.property(choices, (numbers) => {
      const source = randomProgram(numbers, { numbers: "small" });
      const chunks = [{ name: "=random", source }];
      expect(run("patched", chunks)).toEqual(run("stock", chunks));
    }),
    { numRuns: 150 },
  );
});

test.skipIf(!hasPuc)("random programs with numbers of 64 bits run as in PUC Lua 5.3", () => {
  fc.assert(
    fc.property(fc.array(choices, { minLength: programsPerProcess, maxLength: programsPerProcess }), (programs) => {
      const chunks = [
        { name: "=first", source: "" },
        ...programs.map((numbers) => ({ name: "=random", source: randomProgram(numbers, { numbers: "full" }) })),
      ];
      expect(run("patched", chunks)).toEqual(runPuc(chunks));
    }),
    { numRuns: 12 },
  );
});
