import { expect, test } from "vitest";
import { Cancellation } from "../../../../src/core/cancellation.ts";
import { createLuaEngine } from "../../../../src/engine/lua/engine.ts";

const program = {
  type: "lua",
  name: "t:f",
  source: "return function(n) return n * 2 end",
  file: "t.lua",
  firstLine: 1,
  method: undefined,
  modules: [],
  imports: {},
} as const;

test("a warm-up runs piece by piece, ends by itself, and leaves nothing behind for programs", async () => {
  using engine = createLuaEngine<object>({ modules: new Map(), library: () => undefined });
  let pieces = 0;
  const later = (run: () => void): void => {
    pieces += 1;
    setImmediate(run);
  };
  expect(await engine.warmUp({ later, isOver: () => false })).toBeGreaterThan(0);
  expect(pieces).toBeGreaterThan(1);
  const run = (source: string, ...args: number[]): unknown =>
    engine.run({ ...program, name: `t:${source.length}`, source }, args, {
      host: {},
      cancellation: new Cancellation(),
    });
  expect(run(program.source, 21)).toBe(42);
  expect(run("return function() return Shape == nil and odd == nil end")).toBe(true);
});

test("a warm-up stops as soon as somebody needs the thread", async () => {
  using engine = createLuaEngine<object>({ modules: new Map(), library: () => undefined });
  let pieces = 0;
  await engine.warmUp({ later: (run) => setImmediate(run), isOver: () => (pieces += 1) > 2 });
  expect(pieces).toBe(3);
});
