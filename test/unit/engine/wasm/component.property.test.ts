import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { linkComponent } from "../../../../src/engine/wasm/component/link.ts";
import { toolchain } from "../../../../src/engine/wasm/component/jco/toolchain.ts";
import { prepareComponent } from "../../../../src/engine/wasm/component/prepare.ts";
import { linkCore } from "../../../../src/engine/wasm/core/link.ts";
import { prepareCore } from "../../../../src/engine/wasm/core/prepare.ts";
import { inspectComponent } from "../../../../src/engine/wasm/inspect/component.ts";
import { readComponent } from "../../../../src/engine/wasm/inspect/component/read.ts";
import type { WasmInstance } from "../../../../src/engine/wasm/program.ts";
import { witValue } from "../../../support/wit-arbitraries.ts";
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
  let first: Awaited<ReturnType<typeof prepareComponent>>;
  beforeAll(async () => {
    first = await prepareComponent(bytes, { name: "test:shapes", method: "echo-bool" });
  });

  test.each(echoes)("$name", async (signature) => {
    const component = { ...first, method: signature.name, signature };
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
