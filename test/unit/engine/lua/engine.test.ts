import { describe, expect, test } from "vitest";
import { Cancellation, canceled } from "../../../../src/core/cancellation.ts";
import { monotonicMs } from "../../../../src/core/clock.ts";
import { program, testEngine } from "./support/run.ts";

describe("a program that does not wait", () => {
  test("gives its result at once", () => {
    const { run } = testEngine();
    expect(run("local a, b = ... return a + b", [2, 3])).toBe(5);
  });

  test("keeps no state between runs, nor leaks globals to others", () => {
    const { run } = testEngine();
    expect(run("counter = (counter or 0) + 1 return counter")).toBe(1);
    expect(run("counter = (counter or 0) + 1 return counter")).toBe(1);
    expect(run("_G.x = 1 return x")).toBe(1);
  });

  test("is called by its method in the table that the chunk returns", () => {
    const { run } = testEngine();
    const source = "local M = {} function M.double(x: number): number return x * 2 end return M";
    expect(run(program(source, { method: "double" }), [21])).toBe(42);
  });

  test("names the functions there are when its method is missing", async () => {
    const { fail } = testEngine();
    const error = await fail(program("return { transform = function() end }", { method: "transfrom" }));
    expect(error.code).toBe("METHOD_NOT_FOUND");
    expect(error.message).toContain('did you mean "transform"?');
  });
});

describe("results", () => {
  test("only the first travels", () => {
    expect(testEngine().run("return 1, nil, 3")).toBe(1);
  });

  test("a second that is no error means nothing", () => {
    expect(testEngine().run("return 1, true")).toBe(1);
  });

  test("a second that is an error is the failure", async () => {
    const { fail } = testEngine();
    expect(await fail("return nil, 'went wrong'")).toMatchObject({ code: "GUEST_ERROR", message: "went wrong" });
    const error = await fail(
      "return nil, errors.new({message = 'gone', kind = errors.NOT_FOUND, retryable = true, details = {id = 7}})",
    );
    expect(error).toMatchObject({ kind: "NotFound", message: "gone", retryable: true, details: { id: 7 } });
  });
});

describe("errors", () => {
  test("a text raised carries its position and the stack", async () => {
    const error = await testEngine().fail(
      program("local function inner()\n  error('broken')\nend\nreturn function()\n  inner()\nend", {
        name: "app.x:fn",
      }),
    );
    expect(error).toMatchObject({ code: "GUEST_ERROR", kind: "Unknown", message: "app.x:fn:2: broken" });
    expect(error.guestStack).toBe("app.x:fn:2\napp.x:fn:5");
  });

  test("stacks are joined across coroutines", async () => {
    const source =
      "local function deep() error('x') end\nlocal co = coroutine.wrap(function()\n deep()\nend)\nreturn function()\n co() end";
    const error = await testEngine().fail(program(source));
    expect(error.guestStack).toBe("app:main:1\napp:main:3\napp:main:6");
  });

  test("an object raised arrives as it is, through pcall too", async () => {
    const { fail, run } = testEngine();
    const source = "local ok, e = pcall(error, errors.new{message='m', kind='Conflict'}) error(e)";
    expect(await fail(source)).toMatchObject({ kind: "Conflict", message: "m" });
    expect(run("local ok, e = pcall(host.bug) return e:kind() .. ': ' .. tostring(e)")).toBe(
      "Internal: a bug of the host",
    );
  });

  test("a bug of the host keeps its JavaScript stack", async () => {
    const error = await testEngine().fail("host.bug()");
    expect(error.code).toBe("INTERNAL");
    expect(error.cause).toBeInstanceOf(TypeError);
  });

  test("other values raised are kept as details", async () => {
    const { fail } = testEngine();
    expect(await fail("error({ message = 'odd', code = 5 })")).toMatchObject({
      message: "error with a table: odd",
      details: { value: { code: 5 } },
    });
    expect(await fail("error(setmetatable({}, { __tostring = function() error('again') end }))")).toMatchObject({
      code: "GUEST_ERROR",
      message: "error with an empty table",
    });
    expect((await fail("error({ code = 5, at = { 1, 2 } })")).message).toBe(
      'error with a table: {"code":5,"at":[1,2]}',
    );
    expect((await fail("error({ text = string.rep('x', 500) })")).message).toMatch(/^error with a table: .{200}…$/);
    expect((await fail("error(nil)")).message).toBe("error with the value nil");
    expect((await fail("error(7)")).message).toBe("error with the value 7");
  });

  test("a syntax error names the line in the file", async () => {
    const error = await testEngine().fail(program("local x = 1\nlocal = 2", { firstLine: 10, file: "src/a.lua" }));
    expect(error.code).toBe("ENTRY_FAILED");
    expect(error.message).toContain("src/a.lua:11:7: name expected near '='");
  });

  test("runaway recursion is a failure", async () => {
    const error = await testEngine().fail("local function f() return 1 + f() end return f()");
    expect(error.message).toMatch(/stack/);
  });
});

describe("waiting", () => {
  test("gives a promise", async () => {
    const result = testEngine().run("return host.later(41) + 1");
    expect(result).toBeInstanceOf(Promise);
    expect(await result).toBe(42);
  });

  test.each([
    ["under pcall", "local ok, v = pcall(host.later, 1) return v"],
    [
      "under pcall with an error after it",
      "local ok, e = pcall(function() host.later(1) error('x', 0) end) return e == 'x' and 1",
    ],
    ["in a metamethod", "local t = setmetatable({}, {__index = function(_, k) return host.later(k) end}) return t[1]"],
    [
      "in an iterator",
      "local n = 0 for v in function() n = n + 1 if n < 2 then return host.later(n) end end do return v end",
    ],
    ["in a coroutine", "return coroutine.wrap(function() return host.later(1) end)()"],
    [
      "three coroutines deep",
      "local w = coroutine.wrap return w(function() return w(function() return w(function() return host.later(1) end)() end)() end)()",
    ],
    [
      "in a generator",
      "local g = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(host.later(i)) end end) g() g() return g() - 2",
    ],
    [
      "in coroutine.resume",
      "local co = coroutine.create(function() return host.later(1) end) local ok, v = coroutine.resume(co) return ok and v",
    ],
  ])("works %s", async (_, source) => {
    expect(await testEngine().run(source)).toBe(1);
  });

  test("works inside the callbacks of sort and gsub", async () => {
    const { run } = testEngine();
    const sort =
      "local t = {3, 1, 2} table.sort(t, function(a, b) return host.later(a) < host.later(b) end) return table.concat(t)";
    expect(await run(sort)).toBe("123");
    expect(await run("return (('abc'):gsub('.', function(c) return host.later(c:upper()) end))")).toBe("ABC");
  });

  test("is refused where nothing can go on later, in words", async () => {
    const program = (name: string) =>
      `return tostring(setmetatable({}, { __tostring = function() return host.${name}('x') end }))`;
    const error = await testEngine().fail(program("later"));
    expect(error.message).toMatch(/host.later cannot wait here/);
    expect(await testEngine().run(program("now"))).toBe("x");
  });

  test("an error inside a coroutine that waited escapes with its stack", async () => {
    const error = await testEngine().fail("local w = coroutine.wrap(function() host.later(1) error('late') end)\nw()");
    expect(error.message).toBe("app:main:1: late");
  });

  test("a coroutine says how it stands", async () => {
    const source = `
      local co
      co = coroutine.create(function() host.later(1) coroutine.yield(coroutine.status(co)) end)
      local states = { coroutine.status(co) }
      local _, inner = coroutine.resume(co)
      states[2] = inner states[3] = coroutine.status(co)
      coroutine.resume(co)
      states[4] = coroutine.status(co)
      return states`;
    expect(await testEngine().run(source)).toEqual(["suspended", "running", "suspended", "dead"]);
  });
});

describe("coroutine.close", () => {
  test.each([
    ["a suspended one", "coroutine.create(function() coroutine.yield() end)", "true nil dead"],
    ["one that never ran", "coroutine.create(print)", "true nil dead"],
    ["one that has ended", "coroutine.create(function() end)", "true nil dead"],
    ["one that died of an error", "coroutine.create(function() error('why', 0) end)", "false why dead"],
  ])("ends %s", (_, made, expected) => {
    const source = `local co = ${made} ${made.includes("print") ? "" : "coroutine.resume(co)"}
      local ok, e = coroutine.close(co)
      assert(coroutine.close(co), "closing it again is nothing")
      local again, problem = coroutine.resume(co)
      assert(not again and problem == "cannot resume dead coroutine")
      return tostring(ok) .. " " .. tostring(e) .. " " .. coroutine.status(co)`;
    expect(testEngine().run(source)).toBe(expected);
  });

  test("refuses what runs or has resumed another", async () => {
    const { fail, run } = testEngine();
    expect((await fail("coroutine.close(coroutine.running())")).message).toContain("cannot close a running coroutine");
    const source = `local co co = coroutine.create(function() return coroutine.wrap(function() return pcall(coroutine.close, co) end)() end)
      return select(3, coroutine.resume(co))`;
    expect(run(source)).toContain("cannot close a normal coroutine");
    expect((await fail("coroutine.close(1)")).message).toContain("coroutine expected");
  });

  test("leaves what closures captured as it was", () => {
    const source = `local get
      local co = coroutine.create(function() local n = 1 get = function() n = n + 1 return n end get() coroutine.yield() end)
      coroutine.resume(co) coroutine.close(co)
      return get() * 10 + get()`;
    expect(testEngine().run(source)).toBe(34);
  });

  test("ends one that pcall protects, and one whose coroutine inside waits for it", () => {
    const source = `local co = coroutine.wrap(function()
        local inner = coroutine.create(function() pcall(function() coroutine.yield() end) return "no" end)
        coroutine.resume(inner)
        return coroutine.close(inner), coroutine.status(inner)
      end)
      local ok, state = co()
      return tostring(ok) .. state`;
    expect(testEngine().run(source)).toBe("truedead");
  });
});

describe("coroutine.spawn", () => {
  test("runs beside the main function, which may end first", async () => {
    const { run, log } = testEngine();
    const source = `
      for i = 1, 3 do coroutine.spawn(function(n) host.log(n) host.never() host.log('no') end, i) end
      host.later(0)
      return 'done'`;
    expect(await run(source)).toBe("done");
    expect(log).toEqual(["1", "2", "3"]);
  });

  test("an error in one fails the task", async () => {
    expect(await testEngine().fail("coroutine.spawn(function() error('inside') end) host.never()")).toMatchObject({
      message: "app:main:1: inside",
    });
  });

  test("with channels alone completes without a promise", () => {
    const source = `
      local ch, done = channel.new(), channel.new()
      coroutine.spawn(function() local sum = 0 for i = 1, 3 do sum = sum + ch:receive() end done:send(sum) end)
      for i = 1, 3 do ch:send(i) end
      return (done:receive())`;
    expect(testEngine().run(source)).toBe(6);
  });
});

describe("ending a task from outside", () => {
  test("cancelling ends it whatever it protects itself with", async () => {
    const cancellation = new Cancellation();
    const { run, log } = testEngine();
    const result = run("while true do pcall(host.never) host.log('again') end", [], { cancellation });
    cancellation.cancel(canceled("enough"));
    await expect(result).rejects.toMatchObject({ code: "CALL_CANCELED", message: "enough" });
    expect(log).toEqual([]);
  });

  test("a cancelled call does not begin", async () => {
    const cancellation = new Cancellation();
    cancellation.cancel(canceled());
    expect(await testEngine().fail("host.log('no')", [], { cancellation })).toMatchObject({ code: "CALL_CANCELED" });
  });

  test("a deadline ends a wait", async () => {
    const error = await testEngine().fail("host.never()", [], { deadline: monotonicMs() + 10 });
    expect(error.code).toBe("CALL_TIMEOUT");
  });

  test("closing the engine ends what waits", async () => {
    const { engine, run } = testEngine();
    const result = run("host.never()");
    engine[Symbol.dispose]();
    await expect(result).rejects.toMatchObject({ code: "ISOLATE_LOST" });
  });

  test("a task in which everybody waits for each other fails", async () => {
    const error = await testEngine().fail("channel.new():receive()");
    expect(error.message).toMatch(/^deadlock/);
  });
});
