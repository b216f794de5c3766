import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { assemble } from "../../../../../src/engine/wasm/assemble.ts";
import { linkComponent } from "../../../../../src/engine/wasm/component/link.ts";
import { toolchain } from "../../../../../src/engine/wasm/component/jco/toolchain.ts";
import { inspectComponent } from "../../../../../src/engine/wasm/inspect/component.ts";
import { witType, witValue } from "../../../../support/wit-arbitraries.ts";
import { echoComponentWat } from "../echo-component.ts";
import { guest } from "../support.ts";
import { prepareFor } from "./both-engines.ts";

const bytes = guest("rust/shapes/shapes.wasm");
const echoes = inspectComponent(bytes).exports.filter((item) => item.name.startsWith("echo-"));

afterAll(() => toolchain[Symbol.asyncDispose]());

describe("every shape of value is the same through both engines", () => {
  test.each(echoes)("$name", async ({ name, params }) => {
    const [param] = params;
    if (param === undefined) throw new Error("an echo without a parameter");
    const direct = linkComponent(await prepareFor("direct", { bytes, method: name })).instantiate({});
    const jco = linkComponent(await prepareFor("jco", { bytes, method: name })).instantiate({});
    if (direct instanceof Promise || jco instanceof Promise) throw new Error("an instance that waits");
    fc.assert(
      fc.property(witValue(param.type), (value) => {
        expect(direct.call([value])).toEqual(value);
        expect(jco.call([value])).toEqual(value);
      }),
      { numRuns: 60 },
    );
  });
});

test("values of any type come back as they went in", async () => {
  // Names of components are kebab-case, and a type has at most 32 flags.
  const valid = witType(3).filter((type) => !/_|"f39"/.test(JSON.stringify(type)));
  const typed = valid.chain((type) =>
    fc.tuple(fc.constant(type), fc.array(witValue(type), { minLength: 1, maxLength: 5 })),
  );
  await fc.assert(
    fc.asyncProperty(typed, async ([type, values]) => {
      const component = await assemble(echoComponentWat(type), "test:echo");
      const program = await prepareFor("direct", { bytes: component, method: "echo" });
      const instance = await linkComponent(program).instantiate({});
      for (const value of values) expect(instance.call([value])).toEqual(value);
    }),
    { numRuns: 80 },
  );
});
