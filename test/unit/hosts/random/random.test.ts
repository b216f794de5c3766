import { describe, expect, test } from "vitest";
import { bindHosts } from "../../../../src/hosts/index.ts";
import { randomFace } from "../../../../src/hosts/random/p2.ts";
import { cryptoSource, randomBytes, requestBytes, seededSource } from "../../../../src/hosts/random/random.ts";
import { imported } from "../support/imports.seam.ts";
import { instance } from "../support/instance.ts";

describe("random numbers", () => {
  test("come in any length up to the bound of one request", () => {
    for (const length of [0, 1, 65_536, 65_537, requestBytes]) {
      expect(randomBytes(cryptoSource, BigInt(length))).toHaveLength(length);
    }
    expect(() => randomBytes(cryptoSource, BigInt(requestBytes + 1))).toThrow("at most");
    expect(() => randomBytes(cryptoSource, 2n ** 64n - 1n)).toThrow("at most");
  });

  test("fill the whole of a long request", () => {
    const tail = randomBytes(cryptoSource, 200_000n).subarray(-32);
    expect(tail.some((byte) => byte !== 0)).toBe(true);
  });

  test("repeat for the same seed only", () => {
    const first = randomBytes(seededSource(1n), 21n);
    expect(randomBytes(seededSource(1n), 21n)).toEqual(first);
    expect(randomBytes(seededSource(2n), 21n)).not.toEqual(first);
  });

  test("are there for components through all three interfaces", () => {
    const names = ["wasi:random/random", "wasi:random/insecure", "wasi:random/insecure-seed"];
    const { imports } = bindHosts(
      instance(),
      ["wasi:random"],
      names.map((name) => ({ interface: name })),
    );
    expect(imported(imports, "wasi:random/random", "getRandomBytes")(5n)).toHaveLength(5);
    expect(imported(imports, "wasi:random/insecure", "getInsecureRandomBytes")(5n)).toHaveLength(5);
    const numbers = [
      imported(imports, "wasi:random/random", "getRandomU64")(),
      imported(imports, "wasi:random/insecure", "getInsecureRandomU64")(),
      ...imported(imports, "wasi:random/insecure-seed", "insecureSeed")(),
    ];
    for (const number of numbers) expect(BigInt.asUintN(64, number)).toBe(number);
    expect(new Set(numbers).size).toBe(4);
  });

  test("repeat for every instance of an entry with a seed, through all interfaces", () => {
    const draw = (randomSeed: bigint | undefined) => {
      using bound = randomFace.bind(instance({ randomSeed }));
      const { imports } = bound;
      return [
        imported(imports, "wasi:random/random", "getRandomU64")(),
        imported(imports, "wasi:random/random", "getRandomBytes")(20n),
        imported(imports, "wasi:random/insecure", "getInsecureRandomBytes")(3n),
        imported(imports, "wasi:random/insecure", "getInsecureRandomU64")(),
        imported(imports, "wasi:random/insecure-seed", "insecureSeed")(),
      ];
    };
    expect(draw(7n)).toEqual(draw(7n));
    expect(draw(7n)).not.toEqual(draw(8n));
    expect(draw(undefined)).not.toEqual(draw(undefined));
  });
});
