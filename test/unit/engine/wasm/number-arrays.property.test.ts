import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { assemble } from "../../../../src/engine/wasm/assemble.ts";
import { linkComponent } from "../../../../src/engine/wasm/component/link.ts";
import { prepareComponent } from "../../../../src/engine/wasm/component/prepare.ts";
import { toolchain } from "../../../../src/engine/wasm/component/jco/toolchain.ts";
import { linkCore } from "../../../../src/engine/wasm/core/link.ts";
import { prepareCore } from "../../../../src/engine/wasm/core/prepare.ts";
import type { WasmInstance } from "../../../../src/engine/wasm/program.ts";
import type { WitType } from "../../../../src/wit/types.ts";
import { compileArguments } from "../../../../src/wit/values/arguments.ts";
import { numberArrays, type NumberKind } from "../../../../src/wit/values/number-arrays.ts";
import { echoComponentWat } from "./echo-component.ts";
import { echoModule, echoSignature } from "./echo-module.ts";

afterAll(() => toolchain[Symbol.asyncDispose]());

const kinds = ["s8", "s16", "u16", "s32", "u32", "s64", "u64", "f32", "f64"] as const satisfies readonly NumberKind[];

/** Bytes that are any numbers, behind some that do not belong to them. */
const numbers = fc.record({ skip: fc.nat(3), bytes: fc.uint8Array({ minLength: 0, maxLength: 400 }) });

/** What a list of these is in canonical form. */
function canonical(values: ArrayLike<number | bigint>): (number | bigint)[] {
  return Array.from(values, (value) => {
    return typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value;
  });
}

async function echoing(type: WitType, engine: "core" | "direct" | "jco"): Promise<WasmInstance> {
  const name = "test:echo";
  if (engine === "core") {
    const signature = echoSignature(type);
    return await linkCore(prepareCore(await echoModule(type), { name, method: "echo", signature })).instantiate({});
  }
  const bytes = await assemble(echoComponentWat(type), name);
  return await linkComponent(await prepareComponent(bytes, { name, method: "echo", engine })).instantiate({});
}

describe.each(["core", "direct", "jco"] as const)("through %s", (engine) => {
  test.each(kinds)("a typed array of %s, an array of its numbers and lists of both come back alike", async (kind) => {
    const View = numberArrays[kind];
    const list: WitType = { kind: "list", element: { kind } };
    const [flat, nested] = [await echoing(list, engine), await echoing({ kind: "list", element: list }, engine)];
    const read = compileArguments(echoSignature(list));
    const readNested = compileArguments(echoSignature({ kind: "list", element: list }));
    await fc.assert(
      fc.asyncProperty(numbers, async ({ skip, bytes }) => {
        const size = View.BYTES_PER_ELEMENT;
        const length = Math.floor(bytes.length / size);
        const buffer = new ArrayBuffer((skip + length) * size);
        new Uint8Array(buffer).set(bytes.subarray(0, length * size), skip * size);
        const typed = new View(buffer, skip * size, length);
        const expected = canonical(typed);
        expect(await flat.call(read([typed]))).toEqual(expected);
        expect(await flat.call(read([expected]))).toEqual(expected);
        expect(await nested.call(readNested([[typed, expected, typed]]))).toEqual([expected, expected, expected]);
      }),
      { numRuns: 30 },
    );
  });
});

test("a view of a part is copied, so that what crosses to another thread is no more than it shows", () => {
  const read = compileArguments(echoSignature({ kind: "list", element: { kind: "f64" } }));
  const whole = new Float64Array(100);
  expect(read([whole])[0]).toBe(whole);
  const [part] = read([whole.subarray(10, 20)]);
  expect(part).toEqual(new Float64Array(10));
  expect(part instanceof Float64Array && part.buffer.byteLength).toBe(80);
});

test("an array of another type is read number by number, and checked", () => {
  const read = compileArguments(echoSignature({ kind: "list", element: { kind: "s8" } }));
  expect(read([Float64Array.of(1, -2)])).toEqual([[1, -2]]);
  expect(() => read([Float64Array.of(1, 128)])).toThrow("expected s8 (-128 to 127)");
  expect(() => read([Int16Array.of(1, -129)])).toThrow("expected s8");
});

test("a list of fixed length wants as many in a typed array, too", () => {
  const read = compileArguments(echoSignature({ kind: "list", element: { kind: "u32" }, length: 2 }));
  expect(read([Uint32Array.of(1, 2)])).toEqual([Uint32Array.of(1, 2)]);
  expect(() => read([Uint32Array.of(1)])).toThrow("expected list<u32, 2> (2 items)");
});
