// Seam for fengari's own unit tests, which come with its package: CommonJS files that load its sources and call `test` and
// `expect`. `node fengari-own.seam.ts patched|stock` runs them all and prints `{ passed, failed }` as JSON.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { loadPrivate } from "../../../src/engine/lua/vm/load.seam.ts";
import "../../../src/engine/lua/vm/vm.seam.ts";

const require = createRequire(import.meta.url);
const root = dirname(require.resolve("fengari/package.json"));

/** Makes the tests load the private copy where they ask for fengari's sources. */
function usePatched(): void {
  const Module = require("node:module");
  const own = new Map<string, unknown>();
  for (const file of readdirSync(join(root, "src")).filter((name) => name.endsWith(".js"))) {
    try {
      own.set(join(root, "src", file), loadPrivate(file.slice(0, -".js".length)));
    } catch {
      // A module that the private copy has no use for.
    }
  }
  const load = Module._load;
  Module._load = function (request: string, parent: unknown, isMain: boolean): unknown {
    let file = "";
    try {
      file = Module._resolveFilename(request, parent);
    } catch {
      // Whoever asks for a file that is not there hears of it below.
    }
    return own.has(file) ? own.get(file) : load(request, parent, isMain);
  };
}

const matchers = (value: any, is: boolean): Record<string, (wanted?: any) => void> => ({
  toBe: (wanted) => assert.equal(Object.is(value, wanted), is),
  toEqual: (wanted) => (is ? assert.deepEqual(value, wanted) : assert.notDeepEqual(value, wanted)),
  toMatch: (wanted) => assert.equal(wanted instanceof RegExp ? wanted.test(value) : value.includes(wanted), is),
  toBeTruthy: () => assert.equal(Boolean(value), is),
  toBeInstanceOf: (wanted) => assert.equal(value instanceof wanted, is),
  toThrow: () => (is ? assert.throws(value) : assert.doesNotThrow(value)),
  toBeGreaterThan: (wanted) => assert.equal(value > wanted, is),
  toBeGreaterThanOrEqual: (wanted) => assert.equal(value >= wanted, is),
  toBeLessThan: (wanted) => assert.equal(value < wanted, is),
  toBeLessThanOrEqual: (wanted) => assert.equal(value <= wanted, is),
  toBeNull: () => assert.equal(value === null, is),
  toBeUndefined: () => assert.equal(value === undefined, is),
});

function runAll(): { readonly passed: number; readonly failed: readonly string[] } {
  const found: { readonly name: string; readonly run: () => void }[] = [];
  let prefix = "";
  const test = Object.assign((name: string, run: () => void) => void found.push({ name: prefix + name, run }), {
    skip: () => undefined,
  });
  const expect = (value: unknown) => Object.assign(matchers(value, true), { not: matchers(value, false) });
  const describe = (name: string, body: () => void): void => {
    const outer = prefix;
    prefix += `${name} > `;
    body();
    prefix = outer;
  };
  Object.assign(globalThis, { test, expect, describe });
  process.chdir(root);
  for (const file of readdirSync(join(root, "test")).filter((name) => name.endsWith(".test.js"))) {
    prefix = `${file}: `;
    require(join(root, "test", file));
  }
  const failed: string[] = [];
  for (const { name, run } of found) {
    try {
      run();
    } catch {
      failed.push(name);
    }
  }
  return { passed: found.length - failed.length, failed };
}

if (process.argv[2] === "patched") usePatched();
const { log } = console;
// What the tests print is not what they are about.
console.log = () => undefined;
const result = runAll();
console.log = log;
console.log(JSON.stringify(result));
