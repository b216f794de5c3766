import * as fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import type { Value } from "../../../../../src/core/values.ts";
import { WeftError } from "../../../../../src/core/errors.ts";
import { assemble } from "../../../../../src/engine/wasm/assemble.ts";
import { layoutOf } from "../../../../../src/engine/wasm/canonical/layout.ts";
import { linkComponent } from "../../../../../src/engine/wasm/component/link.ts";
import { toolchain } from "../../../../../src/engine/wasm/component/jco/toolchain.ts";
import type { ComponentArtefact } from "../../../../../src/engine/wasm/program.ts";
import type { WitType } from "../../../../../src/wit/types.ts";
import { witType, witValue } from "../../../../support/wit-arbitraries.ts";
import { echoComponentWat, writeType } from "../echo-component.ts";
import { outcomesOf, prepareFor, type Outcome } from "./both-engines.ts";

afterAll(() => toolchain[Symbol.asyncDispose]());

/** Names of components are kebab-case, and a type has at most 32 flags. jco 1.35 loses lists of fixed length in cases. */
const validType = witType(3).filter((type) => !/_|"f39"|"length"/.test(JSON.stringify(type)));

test("values of any type come back the same through both engines", { timeout: 120_000 }, async () => {
  const typed = validType.chain((type) =>
    fc.tuple(fc.constant(type), fc.array(witValue(type), { minLength: 1, maxLength: 8 })),
  );
  await fc.assert(
    fc.asyncProperty(typed, async ([type, values]) => {
      const bytes = await assemble(echoComponentWat(type), "test:echo");
      const calls = values.map((value) => [value]);
      const direct = await outcomesOf("direct", { bytes, method: "echo" }, calls);
      expect(direct).toEqual(values.map((value) => ({ value })));
      expect(await outcomesOf("jco", { bytes, method: "echo" }, calls)).toEqual(direct);
    }),
    { numRuns: 60 },
  );
});

/** A component whose `f` gives whatever its memory holds at an address, as a value of a type. */
function givingWat(type: WitType, memory: Uint8Array): string {
  const definitions: string[] = [];
  const use = writeType(type, definitions);
  const { flat, size } = layoutOf(type);
  // Bits beyond a small number's mean nothing; jco traps at them.
  const sign = /"s(?:8|16)"/.test(JSON.stringify(type)) ? "s" : "u";
  const width = size > 2 ? "" : `${size * 8}_${sign}`;
  const core = flat.length > 1 ? "(local.get 0)" : `(${flat[0]}.load${width} (local.get 0))`;
  const data = Array.from(memory, (byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
  return `(component
    (core module $m (memory (export "memory") 1) (data (i32.const 0) "${data}")
      (func (export "f") (param i32) (result ${flat.length > 1 ? "i32" : flat[0]}) ${core}))
    (core instance $i (instantiate $m))
    ${definitions.join("\n")}
    (func (export "f") (param "at" u32) (result ${use}) (canon lift (core func $i "f") (memory (core memory $i "memory")))))`;
}

/** Bytes as guests might have them: mostly small ones, so that discriminants, pointers and lengths are often right. */
const someMemory = fc
  .uint8Array({ minLength: 256, maxLength: 256 })
  .chain((noise) =>
    fc
      .array(fc.oneof(fc.constant(0), fc.nat(3), fc.nat(64)), { minLength: 256, maxLength: 256 })
      .map((small) =>
        Uint8Array.from(small, (byte, index) => ((noise[index] ?? 0) < 12 ? (noise[(index * 7) % 256] ?? 0) : byte)),
      ),
  );

/** Of flags, bits without a name mean nothing, and of a bool all but 0 is true; jco traps at both. */
const comparedType = validType.filter((type) => !/"(?:flags|bool)"/.test(JSON.stringify(type)));

test("any bytes are the same value, or a trap, through both engines", { timeout: 240_000 }, async () => {
  const seen = { values: 0, traps: 0 };
  const places = fc.array(fc.nat(30), { minLength: 8, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(comparedType, someMemory, places, async (type, memory, chosen) => {
      const bytes = await assemble(givingWat(type, memory), "test:bytes");
      const [direct, jco] = [await outcomeMaker("direct", bytes), await outcomeMaker("jco", bytes)];
      for (const place of [...chosen.map((each) => each * 8), 3, 65_532]) {
        const [ours, theirs] = [await direct(place), await jco(place)];
        seen["value" in ours ? "values" : "traps"] += 1;
        if (isStricter(ours) || isLaxer(ours, theirs)) continue;
        expect({ place, outcome: comparable(ours) }).toEqual({ place, outcome: comparable(theirs) });
      }
    }),
    { numRuns: 40 },
  );
  expect(Math.min(seen.values, seen.traps)).toBeGreaterThan(20);
});

/** Calls `f` of a fresh instance. */
async function outcomeMaker(
  engine: ComponentArtefact["engine"],
  bytes: Uint8Array,
): Promise<(place: number) => Promise<Outcome>> {
  const linked = linkComponent(await prepareFor(engine, { bytes, method: "f" }));
  return async (place) => {
    try {
      using instance = await linked.instantiate({});
      return { value: await instance.call([place]) };
    } catch (thrown) {
      if (!(thrown instanceof WeftError)) throw thrown;
      return { code: thrown.code, message: thrown.message };
    }
  };
}

function comparable(outcome: Outcome): unknown {
  return "code" in outcome ? "trap" : outcome;
}

/** Where our engine traps as the specification says, and jco's glue lets values pass. */
function isStricter(ours: Outcome): boolean {
  return "code" in ours && /is not aligned to|are outside the guest.s memory/.test(ours.message);
}

/** The address of an empty list may be anything with us: nothing is read there. */
function isLaxer(ours: Outcome, theirs: Outcome): boolean {
  return "value" in ours && "code" in theirs && hasEmpty(ours.value);
}

function hasEmpty(value: Value): boolean {
  if (value === "" || (value instanceof Uint8Array && value.length === 0)) return true;
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return false;
  const parts: readonly Value[] = Array.isArray(value) ? value : Object.values(value);
  return (Array.isArray(value) && value.length === 0) || parts.some(hasEmpty);
}
