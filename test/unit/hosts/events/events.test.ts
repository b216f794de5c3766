import { describe, expect, test } from "vitest";
import { compilePattern } from "../../../../src/hosts/events/pattern.ts";
import { instance } from "../lua/support/instance.ts";

describe("patterns", () => {
  test.each([
    ["registry", "registry", true],
    ["registry", "registry.x", false],
    ["a.*", "a.b", true],
    ["a.*", "a", false],
    ["a.*", "a.b.c", false],
    ["a.**", "a", true],
    ["a.**", "a.b.c", true],
    ["**", "", true],
    ["**.end", "a.b.end", true],
    ["**.end", "end", true],
    ["a.**.z", "a.b.c.z", true],
    ["a.**.z", "a.b.c", false],
    ["entry.(create|update)", "entry.update", true],
    ["entry.(create|update)", "entry.delete", false],
    ["*.(a|b).**", "x.b", true],
    ["a*", "ab", false],
  ])("%s and %s: %s", (pattern, name, expected) => {
    expect(compilePattern(pattern)(name)).toBe(expected);
  });

  test("one that looks as if it took for ever takes no time", () => {
    const pattern = compilePattern(`${"**.a.".repeat(15)}b`);
    expect(pattern("a.".repeat(5_000))).toBe(false);
    expect(() => compilePattern("a.".repeat(40))).toThrow("32 segments");
  });
});

describe("events", () => {
  test("arrive in order at those who asked for them, with their data", async () => {
    const { run } = instance();
    expect(
      await run(`local all, some = events.subscribe("app"), events.subscribe("*", "user.(added|removed)")
        events.send("app", "user.added", "/users/1", { name = "ann" })
        events.send("app", "other", "/x")
        events.send("sys", "user.removed", "/users/1")
        local found = {}
        for i, sub in ipairs({ all, some, all, some }) do
          local e = sub:channel():receive()
          found[i] = e.system .. " " .. e.kind .. " " .. e.path .. " " .. (e.data and e.data.name or "-")
        end
        return { found, all:channel() == all:channel() }`),
    ).toEqual([
      ["app user.added /users/1 ann", "app user.added /users/1 ann", "app other /x -", "sys user.removed /users/1 -"],
      true,
    ]);
  });

  test("a closed subscription ends its channel", async () => {
    const { run } = instance();
    expect(
      await run(`local sub = events.subscribe("app")
        sub:close() sub:close()
        events.send("app", "x")
        local v, ok = sub:channel():receive()
        return { v == nil, ok }`),
    ).toEqual([true, false]);
  });

  test("a subscriber that waits is not deadlocked, and ends with its program", async () => {
    const { run } = instance();
    const waiting = run(`return events.subscribe("app", "go"):channel():receive().data`);
    await run(`time.sleep("5ms") events.send("app", "go", "", 7)`);
    expect(await waiting).toBe(7);
  });

  test("events that nobody fetches are dropped at last, and the log says so once", async () => {
    const { run, lines } = instance();
    expect(
      await run(`local sub = events.subscribe("app")
        for i = 1, 10003 do events.send("app", "x", tostring(i)) end
        local n = 0
        for i = 1, 10000 do n = n + 1 sub:channel():receive() end
        events.send("app", "x", "last")
        return { n, sub:channel():receive().path }`),
    ).toEqual([10_000, "last"]);
    expect(lines.map(([level, message]) => [level, message])).toEqual([
      ["warn", "events are dropped: their subscriber does not fetch them"],
    ]);
  });

  test.each([
    ["events.subscribe('')", "a pattern is required"],
    ["events.send('', 'x', '')", "a system and a kind"],
    ["events.send('x', '', '')", "a system and a kind"],
    ["events.send('x', 'y', '', print)", "function"],
  ])("%s is refused", async (source, message) => {
    const { run } = instance();
    expect(await run(`local v, e = ${source} return { v == nil, e:kind(), e:message() }`)).toEqual([
      true,
      "Invalid",
      expect.stringContaining(message),
    ]);
  });
});
