import { describe, expect, test } from "vitest";
import { testEngine } from "./support/run.ts";

describe("errors", () => {
  test("objects answer with what they were made of", () => {
    const source = `
      local e = errors.new({ message = "no such user", kind = errors.NOT_FOUND, retryable = false, details = { id = 7 } })
      return { e:kind(), e:message(), e:retryable(), e:details().id, tostring(e), type(e), errors.is(e, errors.NOT_FOUND), errors.is("x", "") }`;
    expect(testEngine().run(source)).toEqual([
      "NotFound",
      "no such user",
      false,
      7,
      "no such user",
      "userdata",
      true,
      false,
    ]);
  });

  test("a plain one knows little", () => {
    expect(
      testEngine().run(
        "local e = errors.new('x') return { k = e:kind(), r = tostring(e:retryable()), d = tostring(e:details()) }",
      ),
    ).toEqual({
      k: "",
      r: "nil",
      d: "nil",
    });
  });

  test("wrap adds context and keeps the rest", () => {
    const source = `
      local inner = errors.new({ message = "gone", kind = "NotFound", retryable = true, details = { a = 1 } })
      local e = errors.wrap(errors.wrap(inner, "reading"), "starting")
      return { tostring(e), e:message(), e:kind(), e:retryable(), e:details().a, tostring(errors.wrap("t", "c")) }`;
    expect(testEngine().run(source)).toEqual(["starting: reading: gone", "gone", "NotFound", true, 1, "c: t"]);
  });

  test("an unknown kind is refused", async () => {
    expect((await testEngine().fail("errors.new({message = 'x', kind = 'Nope'})")).message).toContain(
      'no error kind is called "Nope"',
    );
  });

  test("the stack of a callee's error can be read", () => {
    const source = "local f = function() host.bug() end local ok, e = pcall(f) return errors.call_stack(e).thread";
    expect(testEngine().run(source)).toBe("app:main");
  });

  test("one that was made, and never thrown, knows where", () => {
    const source = `
      local function make() return errors.new('x') end
      local e = make()
      local frame = errors.call_stack(errors.wrap(e, 'c')).frames[1]
      return { errors.call_stack(e).frames[1].line, frame.source, frame.line, e:stack() ~= '' }`;
    expect(testEngine().run(source)).toEqual([2, "app:main", 4, true]);
  });

  test("their metatable is closed and equality is by content", () => {
    expect(
      testEngine().run("return getmetatable(errors.new('x')) == false and errors.new('x') == errors.new('x')"),
    ).toBe(true);
  });
});

describe("channel", () => {
  test("buffers up to its size", () => {
    expect(
      testEngine().run(
        "local c = channel.new(2) c:send(1) c:send('b') local v = c:receive() return { v, (c:receive()) }",
      ),
    ).toEqual([1, "b"]);
  });

  test("keeps values as they are, functions too", () => {
    expect(testEngine().run("local c = channel.new(1) c:send(function() return 5 end) return (c:receive())()")).toBe(5);
  });

  test("after close, drains and then ends", () => {
    const source =
      "local c = channel.new(2) c:send(1) c:close() c:close() local a, ok = c:receive() local b, no = c:receive() return { a, ok, b == nil, no }";
    expect(testEngine().run(source)).toEqual([1, true, true, false]);
  });

  test("refuses to send when closed, also to those who waited", async () => {
    const { fail, run } = testEngine();
    expect((await fail("local c = channel.new() c:close() c:send(1)")).message).toBe(
      "app:main:1: send on closed channel",
    );
    const waiting = `
      local c, out = channel.new(), channel.new(1)
      coroutine.spawn(function() local ok, e = pcall(function() c:send(1) end) out:send(e) end)
      host.later(0) c:close()
      return out:receive()`;
    expect(await run(waiting)).toMatch(/send on closed channel/);
  });

  test("select takes the first ready case in the order of the list", () => {
    const source = `
      local a, b = channel.new(1), channel.new(1)
      b:send("b") a:send("a")
      local r = channel.select{ a:case_receive(), b:case_receive() }
      return { r.channel == a, r.value, r.ok }`;
    expect(testEngine().run(source)).toEqual([true, "a", true]);
  });

  test("select with a default never waits", () => {
    expect(testEngine().run("return channel.select{ channel.new():case_receive(), default = true }")).toEqual({
      default: true,
      ok: true,
    });
  });

  test("select waits, and leaves nothing behind at the channels it did not take", async () => {
    const source = `
      local a, b = channel.new(), channel.new()
      coroutine.spawn(function() host.later(0) b:send(7) end)
      local r = channel.select{ a:case_receive(), b:case_receive() }
      coroutine.spawn(function() a:send(8) end)
      return { r.value, r.channel == b, (a:receive()) }`;
    expect(await testEngine().run(source)).toEqual([7, true, 8]);
  });

  test("select can send", async () => {
    const source = `
      local a, got = channel.new(), channel.new(1)
      coroutine.spawn(function() got:send((a:receive())) end)
      local r = channel.select{ a:case_send(3) }
      return { r.ok, (got:receive()) }`;
    expect(await testEngine().run(source)).toEqual([true, 3]);
  });
});

describe("payload", () => {
  test("of a string is a text or bytes, and a value again", () => {
    const { run } = testEngine();
    const source = `local p = payload.new("x"):transcode(payload.format.STRING)
      local b = p:transcode(payload.format.BYTES)
      local _, err = payload.new({}):transcode(payload.format.STRING)
      return { p:get_format(), b:get_format(), b:data(), b:transcode(payload.format.LUA):data(), err:kind() }`;
    expect(run(source)).toEqual(["text/plain", "application/octet-stream", "x", "x", "Invalid"]);
  });

  test("holds a value and its format", () => {
    expect(testEngine().run("local p = payload.new({a = 1}) return { p:get_format(), p:data().a }")).toEqual([
      "lua/any",
      1,
    ]);
  });

  test("turns into JSON and back", () => {
    const source =
      "local p = payload.new({a = {1, 2}}):transcode(payload.format.JSON) return { p:get_format(), p:data().a[2], p:transcode('lua/any'):data().a[1] }";
    expect(testEngine().run(source)).toEqual(["json/plain", 2, 1]);
  });

  test("is written as YAML, and read again", async () => {
    const source = `local p = payload.new({ a = { 1, 2 } }):transcode(payload.format.YAML)
      local _, err = payload.new({ 0 / 0 }):transcode(payload.format.YAML)
      return { p:get_format(), p:data().a[2], p:transcode(payload.format.LUA):data().a[1], err:kind() }`;
    expect(await testEngine().run(source)).toEqual(["yaml/plain", 2, 1, "Invalid"]);
  });

  test("crosses a call as its value, and refuses formats it does not know", () => {
    expect(testEngine().run("return payload.new({x = 2})")).toEqual({ x: 2 });
    expect(
      testEngine().run("local p, e = payload.new(1):transcode('application/xml') return p == nil and e:kind()"),
    ).toBe("Invalid");
  });
});
