import { afterEach, expect, test, vi } from "vitest";
import type { Value } from "../../../../src/core/values.ts";
import { instance } from "../lua/support/instance.ts";

afterEach(() => void vi.useRealTimers());

function world(maxSize = 10, cleanupMs = 60_000) {
  const offer = { service: "store", spec: { maxSize, cleanupMs } } as const;
  const { run } = instance({ offers: { "app:cache": offer, "other:cache": offer } });
  const on = async (body: string): Promise<Value> => await run(`local s = store.get("cache") ${body}`);
  return { run, on };
}

test("keeps values of every sort, apart from other stores", async () => {
  const { on } = world();
  const values = "{ 1, 'x', true, { a = { 1, 2 } }, string.char(255), 2^60 }";
  expect(
    await on(`for i, v in ipairs(${values}) do assert(s:set("k" .. i, v)) end
      local found = {} for i = 1, 6 do found[i] = s:get("k" .. i) end return found`),
  ).toEqual([1, "x", true, { a: [1, 2] }, Uint8Array.of(255), 2 ** 60]);
  expect(await on("return store.get('other:cache'):has('k1')")).toBe(false);
});

test("false is a value; what is not there is not found", async () => {
  const { on } = world();
  expect(
    await on(`s:set("no", false)
      local v, e = s:get("nothing")
      return { s:get("no"), s:has("no"), s:has("nothing"), v == nil, e:kind(), tostring(e) }`),
  ).toEqual([false, true, false, true, "NotFound", "the key nothing was not found in app:cache"]);
});

test("delete says whether it deleted", async () => {
  expect(await world().on(`s:set("k", 1) return { s:delete("k"), s:delete("k"), s:has("k") }`)).toEqual([
    true,
    false,
    false,
  ]);
});

test("lists keys, and tells how full it is", async () => {
  expect(
    await world().on(`s:set("b:1", 1) s:put("a:2", 1) s:set("a:1", 1)
      return { s:list(), s:list("a:"), s:info() }`),
  ).toEqual([["a:1", "a:2", "b:1"], ["a:1", "a:2"], { id: "app:cache", size: 3, max_size: 10 }]);
});

test("a full store refuses new keys, and takes new values of those it has", async () => {
  const { on } = world(2);
  expect(
    await on(`s:set("a", 1) s:set("b", 2)
      local v, e = s:set("c", 3)
      return { e:kind(), e:retryable(), s:set("a", 4), s:get("a"), s:delete("b"), s:set("c", 3) }`),
  ).toEqual(["Unavailable", true, true, 4, true, true]);
});

test("a value is gone when its time is over, and makes room", async () => {
  vi.useFakeTimers();
  const { on } = world(2);
  await on(`s:set("short", 1, 2) s:set("long", 2, "1m")`);
  vi.advanceTimersByTime(1_999);
  expect(await on(`return { s:get("short"), s:get("long") }`)).toEqual([1, 2]);
  vi.advanceTimersByTime(1);
  expect(await on(`return { s:has("short"), s:set("new", 3), s:list() }`)).toEqual([false, true, ["long", "new"]]);
  vi.advanceTimersByTime(60_000);
  expect(await on(`return { s:has("long"), s:get("new"), s:set("new", 1, 0), s:set("new", 1, -1) }`)).toEqual([
    false,
    3,
    true,
    true,
  ]);
});

test.each([
  ["store.get('cach')", "NotFound", "did you mean app:cache?"],
  ["store.get('')", "Invalid", "the id of a store is required"],
  ["s:set('k')", "Invalid", "a value is required"],
  ["s:set('', 1)", "Invalid", "a key is required"],
  ["s:set('k', 1, 'soon')", "Invalid", "a time to live"],
  ["(function() s:release() return s:get('k') end)()", "Invalid", "was released"],
])("%s fails with %s", async (source, kind, message) => {
  const failed = await world().on(`local v, e = ${source} return { v == nil, e:kind(), e:message() }`);
  expect(failed).toEqual([true, kind, expect.stringContaining(message)]);
});

test("what cannot be copied is refused", async () => {
  await expect(world().on(`local v, e = s:set("k", print) return { e:kind() }`)).resolves.toEqual(["Invalid"]);
});
