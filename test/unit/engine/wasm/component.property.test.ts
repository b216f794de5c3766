import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { linkComponent } from "../../../../src/engine/wasm/component/link.ts";
import { toolchain } from "../../../../src/engine/wasm/component/jco/toolchain.ts";
import { prepareComponent } from "../../../../src/engine/wasm/component/prepare.ts";
import { linkCore } from "../../../../src/engine/wasm/core/link.ts";
import { prepareCore } from "../../../../src/engine/wasm/core/prepare.ts";
import { inspectComponent } from "../../../../src/engine/wasm/inspect/component.ts";
import { readComponent } from "../../../../src/engine/wasm/inspect/component/read.ts";
import type { WasmInstance } from "../../../../src/engine/wasm/program.ts";
import { witType, witValue } from "../../../support/wit-arbitraries.ts";
import { assemble } from "../../../../src/engine/wasm/assemble.ts";
import { echoComponentWat } from "./echo-component.ts";
import { echoSignature } from "./echo-module.ts";
import { guest } from "./support.ts";

const bytes = guest("rust/shapes/shapes.wasm");
const echoes = inspectComponent(bytes).exports.filter((item) => item.name.startsWith("echo-"));

/** The one core module inside the component: what its bindings export has the canonical ABI. */
function innerModule(): Uint8Array {
  const inner = readComponent(bytes).items.find((item) => item.kind === "core module");
  if (inner === undefined) throw new Error("no core module inside");
  return bytes.subarray(inner.start, inner.end);
}

afterAll(() => toolchain[Symbol.asyncDispose]());

describe("every shape of value is the same through the core module and through the component", () => {
  test.each(echoes)("$name", async (signature) => {
    const component = await prepareComponent(bytes, { name: "test:shapes", method: signature.name });
    const inside = prepareCore(innerModule(), { name: "test:shapes", method: signature.name, signature });
    const core = await linkCore(inside).instantiate({});
    const whole: WasmInstance = await linkComponent(component).instantiate({});
    const [param] = signature.params;
    if (param === undefined) throw new Error("an echo without a parameter");
    fc.assert(
      fc.property(witValue(param.type), (value) => {
        expect(core.call([value])).toEqual(value);
        expect(whole.call([value])).toEqual(value);
      }),
      { numRuns: 60 },
    );
  });
});

test("a component of any type is read back as that type, and its values come back as they went in", async () => {
  // Names of components are kebab-case, and a type has at most 32 flags.
  const valid = witType(3).filter((type) => !/_|"f39"/.test(JSON.stringify(type)));
  const typed = valid.chain((type) =>
    fc.tuple(fc.constant(type), fc.array(witValue(type), { minLength: 1, maxLength: 5 })),
  );
  await fc.assert(
    fc.asyncProperty(typed, async ([type, values]) => {
      const component = await assemble(echoComponentWat(type), "test:echo");
      expect(inspectComponent(component).exports).toEqual([echoSignature(type)]);
      const program = await prepareComponent(component, { name: "test:echo", method: "echo" });
      const instance = await linkComponent(program).instantiate({});
      for (const value of values) expect(instance.call([value])).toEqual(value);
    }),
    { numRuns: 60 },
  );
});
