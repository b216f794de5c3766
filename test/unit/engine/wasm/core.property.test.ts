import * as fc from "fast-check";
import { expect, test } from "vitest";
import { linkCore } from "../../../../src/engine/wasm/core/link.ts";
import { prepareCore } from "../../../../src/engine/wasm/core/prepare.ts";
import { witType, witValue } from "../../../support/wit-arbitraries.ts";
import { echoModule, echoSignature } from "./echo-module.ts";

test("a value of any type comes back from a core module as it went in", async () => {
  const typed = witType(3).chain((type) =>
    fc.tuple(fc.constant(type), fc.array(witValue(type), { minLength: 1, maxLength: 5 })),
  );
  await fc.assert(
    fc.asyncProperty(typed, async ([type, values]) => {
      const program = prepareCore(await echoModule(type), {
        name: "test:echo",
        method: "echo",
        signature: echoSignature(type),
      });
      const instance = await linkCore(program).instantiate({});
      for (const value of values) expect(instance.call([value])).toEqual(value);
    }),
    { numRuns: 200 },
  );
});
