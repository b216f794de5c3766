import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WeftError } from "../../../../../src/core/errors.ts";
import { GuestExit } from "../../../../../src/core/exit.ts";
import { silentLog } from "../../../../../src/core/log.ts";
import { InvalidModuleError } from "../../../../../src/engine/wasm/binary/invalid-module.ts";
import { isComponent } from "../../../../../src/engine/wasm/binary/preamble.ts";
import { directBuilder } from "../../../../../src/engine/wasm/component/direct/build.ts";
import { linkDirect } from "../../../../../src/engine/wasm/component/direct/link.ts";
import { inspectComponent } from "../../../../../src/engine/wasm/inspect/component.ts";
import type { WasmLimits } from "../../../../../src/engine/wasm/limits/plan.ts";
import { witValue } from "../../../../support/wit-arbitraries.ts";

const guests = join(import.meta.dirname, "../../../../guests");
const components = globSync("{rust,c,wat}/**/*.wasm", { cwd: guests })
  .map((path) => ({ path, bytes: readFileSync(join(guests, path)) }))
  .filter(({ bytes }) => bytes.length > 8 && isComponent(bytes));

/** What is damaged may loop or grow for ever. */
const limits: WasmLimits = { fuel: 100_000, memoryBytes: 32 * 1024 * 1024, stackBytes: 200_000 };

/**
 * What becomes of bytes: refused, declined, or built; and then what a call of one of its exports comes to. Anything but
 * a typed error is thrown on.
 */
async function fate(bytes: Uint8Array, pick: number): Promise<"refused" | "declined" | "failed" | "called"> {
  try {
    const info = inspectComponent(bytes);
    const signature = info.exports[pick % Math.max(1, info.exports.length)];
    const source = { name: "test:bad", method: signature?.name ?? "", bytes, info };
    const artefact = await directBuilder.build(source, {
      cacheDir: undefined,
      suspending: () => false,
      limits,
      log: silentLog,
    });
    if (artefact.engine === undefined) return "declined";
    if (signature === undefined) return "called";
    const { imports, importedFunctions, exports } = info;
    const program = {
      type: "component",
      name: "test:bad",
      method: signature.name,
      signature,
      imports,
      importedFunctions,
      exports,
      artefact,
      writesSuspend: false,
      limits,
    } as const;
    return await call(
      () => linkDirect(program, {}).instantiate({}),
      signature.params.map(({ type }) => sample(() => witValue(type), pick)),
    );
  } catch (thrown) {
    if (thrown instanceof InvalidModuleError || thrown instanceof WeftError) return "refused";
    throw thrown;
  }
}

async function call(
  make: () => ReturnType<ReturnType<typeof linkDirect>["instantiate"]>,
  args: readonly ReturnType<typeof sample>[],
): Promise<"failed" | "called"> {
  try {
    using instance = await make();
    await instance.call(args);
    return "called";
  } catch (thrown) {
    if (thrown instanceof GuestExit) return "called";
    if (thrown instanceof WeftError && thrown.code !== "INTERNAL") return "failed";
    throw thrown;
  }
}

function sample(arbitrary: () => ReturnType<typeof witValue>, seed: number) {
  try {
    return fc.sample(arbitrary(), { seed, numRuns: 1 })[0] ?? null;
  } catch {
    // Handles have no arbitrary values.
    return null;
  }
}

const place = fc.double({ min: 0, max: 0.999_999, noNaN: true });

test("there are components to damage", () => {
  expect(components.length).toBeGreaterThan(10);
});

describe.each(components)("$path", ({ bytes: original }) => {
  const numRuns = Math.max(30, Math.floor(4_000_000 / original.length / 20));

  test("with changed bytes", { timeout: 60_000 }, async () => {
    const changes = fc.array(fc.tuple(place, fc.nat(255)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(changes, fc.nat(), async (damage, pick) => {
        const bytes = new Uint8Array(original);
        for (const [at, value] of damage) bytes[Math.floor(at * bytes.length)] = value;
        await fate(bytes, pick);
      }),
      { numRuns: Math.min(numRuns, 400) },
    );
  });

  test("with a flipped bit in what is not code", { timeout: 60_000 }, async () => {
    // The component part lies before the first large module and behind the last.
    const near = fc.oneof(
      fc.nat(200),
      fc.nat(2_000).map((back) => original.length - 1 - back),
    );
    await fc.assert(
      fc.asyncProperty(near, fc.nat(7), fc.nat(), async (at, bit, pick) => {
        const bytes = new Uint8Array(original);
        const index = Math.min(Math.max(at, 0), bytes.length - 1);
        bytes[index] = (bytes[index] ?? 0) ^ (1 << bit);
        await fate(bytes, pick);
      }),
      { numRuns: Math.min(numRuns, 400) },
    );
  });

  test("cut short", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(place, async (at) => {
        const length = Math.floor(at * original.length);
        expect(["refused", "declined", "called", "failed"]).toContain(await fate(original.subarray(0, length), 0));
      }),
      { numRuns: Math.min(numRuns, 200) },
    );
  });

  test("with a part of itself in another place", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(place, place, fc.nat(200), fc.nat(), async (from, to, length, pick) => {
        const bytes = Buffer.from(original);
        bytes.copy(
          bytes,
          Math.floor(to * bytes.length),
          Math.floor(from * bytes.length),
          Math.floor(from * bytes.length) + length,
        );
        await fate(bytes, pick);
      }),
      { numRuns: Math.min(numRuns, 200) },
    );
  });
});
