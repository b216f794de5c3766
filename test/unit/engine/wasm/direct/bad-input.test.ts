import * as fc from "fast-check";
import { expect, test } from "vitest";
import { WeftError } from "../../../../../src/core/errors.ts";
import { silentLog } from "../../../../../src/core/log.ts";
import { InvalidModuleError } from "../../../../../src/engine/wasm/binary/invalid-module.ts";
import { directBuilder } from "../../../../../src/engine/wasm/component/direct/build.ts";
import { inspectComponent } from "../../../../../src/engine/wasm/inspect/component.ts";
import { guest } from "../support.ts";

const options = { cacheDir: undefined, suspending: () => false, limits: {}, log: silentLog };

/** What becomes of bytes: built, declined with a reason, or refused as malformed. */
async function fate(bytes: Uint8Array): Promise<string> {
  try {
    const info = inspectComponent(bytes);
    const made = await directBuilder.build({ name: "test:bad", method: "", bytes, info }, options);
    return made.engine === undefined ? "declined" : "built";
  } catch (thrown) {
    if (thrown instanceof InvalidModuleError || thrown instanceof WeftError) return "invalid";
    throw thrown;
  }
}

test("damaged components are built, declined or refused, and nothing else happens", async () => {
  const originals = ["wat/component-nested.wasm", "wat/component-imports.wasm", "rust/counter/counter.wasm"].map(guest);
  const damage = fc.array(fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(255)), {
    minLength: 1,
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...originals), damage, async (original, changes) => {
      const bytes = new Uint8Array(original);
      for (const [place, value] of changes) bytes[Math.floor(place * bytes.length)] = value;
      expect(["built", "declined", "invalid"]).toContain(await fate(bytes));
    }),
    { numRuns: 1000 },
  );
});

test("truncated components are refused or declined", async () => {
  const original = guest("wat/component-nested.wasm");
  for (let length = 0; length < original.length; length++) {
    expect(["built", "declined", "invalid"]).toContain(await fate(original.subarray(0, length)));
  }
});
