import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { WeftError } from "../../../../src/core/errors.ts";
import { GuestExit } from "../../../../src/core/exit.ts";
import { silentLog } from "../../../../src/core/log.ts";
import type { Value } from "../../../../src/core/values.ts";
import { assemble } from "../../../../src/engine/wasm/assemble.ts";
import { InvalidModuleError } from "../../../../src/engine/wasm/binary/invalid-module.ts";
import { isComponent } from "../../../../src/engine/wasm/binary/preamble.ts";
import { directBuilder } from "../../../../src/engine/wasm/component/direct/build.ts";
import { inspectComponent } from "../../../../src/engine/wasm/inspect/component.ts";
import { inspectCore } from "../../../../src/engine/wasm/inspect/core.ts";
import { linkCore } from "../../../../src/engine/wasm/core/link.ts";
import { prepareCore } from "../../../../src/engine/wasm/core/prepare.ts";
import { rewriteModule } from "../../../../src/engine/wasm/limits/rewrite/rewrite.ts";
import { randomProgram } from "./limits/random-program.ts";

/**
 * Binaries that were damaged in several places at once, spliced with others and lengthened. The seed is fixed: the long form of
 * this, 340,000 inputs in five minutes, is a matter of `rounds`.
 */
const rounds = 1_500;
const limits = { fuel: 50_000, memoryBytes: 32 * 1024 * 1024, stackBytes: 100_000 };

class Mutator {
  #seed: number;
  readonly #others: readonly Uint8Array[];

  constructor(seed: number, others: readonly Uint8Array[]) {
    this.#seed = seed;
    this.#others = others;
  }

  below(bound: number): number {
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#seed / 2 ** 32) * bound);
  }

  /** One of the binaries, with one to six changes. The preamble stays. */
  next(): Uint8Array<ArrayBuffer> {
    const bytes = [...(this.#others[this.below(this.#others.length)] ?? [])];
    for (let changes = 1 + this.below(6); changes > 0; changes--) this.#change(bytes);
    return Uint8Array.from(bytes);
  }

  #change(bytes: number[]): void {
    const at = 8 + this.below(Math.max(1, bytes.length - 8));
    const some = () => Array.from({ length: 1 + this.below(4) }, () => this.below(256));
    switch (this.below(7)) {
      case 0:
        bytes[at] = this.below(256);
        return;
      case 1:
        bytes.splice(at, 1 + this.below(4));
        return;
      case 2:
        bytes.splice(at, 0, ...some());
        return;
      case 3: {
        const other = this.#others[this.below(this.#others.length)] ?? new Uint8Array();
        const from = this.below(other.length);
        bytes.splice(at, this.below(2) * 8, ...other.subarray(from, from + this.below(40)));
        return;
      }
      case 4:
        bytes.splice(8 + this.below(Math.max(1, bytes.length - 8)), 0, ...bytes.slice(at, at + this.below(30)));
        return;
      default:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << this.below(8));
    }
  }
}

const folder = join(import.meta.dirname, "../../../guests");
const committed = globSync("*/**/*.wasm", { cwd: folder })
  .map((path) => new Uint8Array(readFileSync(join(folder, path))))
  .filter(({ length }) => length > 8 && length < 40_000);

/** Runs something that may fail in the ways that are meant. */
async function typed(work: () => unknown): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    if (thrown instanceof GuestExit || thrown instanceof InvalidModuleError) return;
    if (!(thrown instanceof WeftError) || thrown.code === "INTERNAL") throw thrown;
  }
}

describe("binaries that are damaged in many places", () => {
  test("components are refused, declined or built", { timeout: 60_000 }, async () => {
    const mutator = new Mutator(1, committed.filter(isComponent));
    for (let round = 0; round < rounds; round++) {
      const bytes = mutator.next();
      await typed(async () => {
        const info = inspectComponent(bytes);
        const method = info.exports[mutator.below(Math.max(1, info.exports.length))]?.name ?? "";
        const options = { cacheDir: undefined, suspending: () => false, limits, log: silentLog };
        await directBuilder.build({ name: "test:damaged", method, bytes, info }, options);
      });
    }
  });

  test(
    "core modules are refused, or rewritten as V8 takes them, and run to a typed end",
    { timeout: 60_000 },
    async () => {
      const programs = await Promise.all(
        [1, 2, 3].map(async (seed) => await assemble(randomProgram(seed), "test:random")),
      );
      const mutator = new Mutator(2, [...committed.filter((bytes) => !isComponent(bytes)), ...programs]);
      for (let round = 0; round < rounds; round++) {
        const bytes = mutator.next();
        const isValid = WebAssembly.validate(bytes);
        await typed(() => inspectCore(bytes));
        for (const each of [{ limits: {} }, { limits }, { limits, shared: true, realSizes: true }]) {
          await typed(() => {
            const limited = rewriteModule(bytes, { name: "test:damaged", ...each });
            expect(isValid && WebAssembly.validate(limited.bytes)).toBe(true);
          });
        }
        if (isValid) await typed(async () => await callSome(bytes, mutator));
      }
    },
  );
});

async function callSome(bytes: Uint8Array, mutator: Mutator): Promise<void> {
  const functions = inspectCore(bytes).exports.filter(({ type }) => type !== undefined);
  const chosen = functions[mutator.below(Math.max(1, functions.length))];
  if (chosen === undefined) return;
  const program = prepareCore(bytes, { name: "test:damaged", method: chosen.name, signature: undefined, limits });
  using instance = await linkCore(program).instantiate({});
  const args = chosen.type?.params.map((kind): Value => (kind.startsWith("f") ? 1.5 : 3)) ?? [];
  await instance.call(args);
}

test("an import for which nothing that fits can be made is no bug of ours", async () => {
  const text = `(module (type $f (func (param i32))) (import "env" "table" (table 1 (ref null $f))) (func (export "f")))`;
  const program = prepareCore(await assemble(text, "test:typed"), {
    name: "test:typed",
    method: "f",
    signature: undefined,
  });
  expect(() => linkCore(program).instantiate({})).toThrow(expect.objectContaining({ code: "UNSUPPORTED" }));
});
