import { describe, expect, test } from "vitest";
import type { Stdio } from "../../../../src/core/stdio.ts";
import { luaModules } from "../../../../src/hosts/lua.ts";
import { instance } from "./support/instance.ts";

const { run } = instance();

test("every module is listed under its own name", () => {
  for (const [name, module] of luaModules) expect(module.name).toBe(name);
});

describe("json", () => {
  test.each([
    ["{}", "[]"],
    ["{1, 2, 3}", "[1,2,3]"],
    ["{a = {b = true}}", '{"a":{"b":true}}'],
    ["'Grüße \\n'", '"Grüße \\n"'],
    ["1", "1"],
    ["1.5", "1.5"],
    ["100 / 2", "50"],
    ["nil", "null"],
    ["errors.new('x')", '"x"'],
  ])("%s is written %s", (source, text) => {
    expect(run(`return json.encode(${source})`)).toBe(text);
  });

  test.each([
    ["{[1] = 1, [3] = 3}", "gaps"],
    ["{1, a = 2}", "names and positions"],
    ["{f = print}", "value.f: a function cannot be written as JSON"],
    ["{0 / 0}", "value[1]: NaN"],
    ["(function() local t = {} t.t = t return t end)()", "contains itself"],
    ["(function() local t = {} for i = 1, 200 do t = {t} end return t end)()", "deeper than 128"],
  ])("%s is refused", (source, message) => {
    expect(run(`local v, e = json.encode(${source}) return { v == nil, e:kind(), tostring(e) }`)).toEqual([
      true,
      "Invalid",
      expect.stringContaining(message),
    ]);
  });

  test("decodes, integers as integers", () => {
    expect(run('return json.decode(\'{"a": [1, 2.5, "x", true, null]}\')')).toEqual({ a: [1, 2.5, "x", true] });
    expect(run('return json.encode(json.decode(\'{"n": 1, "f": 1.0}\').n)')).toBe("1");
    expect(run("return math.type(json.decode('3'))")).toBe("integer");
    expect(run("local v, e = json.decode('{') return e:kind()")).toBe("Invalid");
  });
});

describe("time", () => {
  test("sleeps without holding the thread", async () => {
    const order: string[] = [];
    const sleeping = Promise.resolve(run("time.sleep('20ms') return 1")).then(() => order.push("slept"));
    order.push("went on");
    await sleeping;
    expect(order).toEqual(["went on", "slept"]);
  });

  test("reads durations as numbers, texts and Durations", () => {
    expect(run("return time.parse_duration('1h30m'):minutes()")).toBe(90);
    expect(run("return tostring(time.parse_duration(1500 * time.MILLISECOND))")).toBe("1.5s");
    expect(run("local d = time.parse_duration('90s') return { d:seconds(), d:milliseconds(), tostring(d) }")).toEqual([
      90,
      90_000,
      "1m30s",
    ]);
    expect(run("local d, e = time.parse_duration('soon') return e:kind()")).toBe("Invalid");
    expect(run("local t, e = time.after(0) return e:kind()")).toBe("Invalid");
  });

  test("takes moments apart and formats them", () => {
    const source = `
      local t = time.date(2026, time.NOVEMBER, 21, 5, 6, 7, 123000000, time.utc)
      return { t:format(time.RFC3339), t:format(time.RFC3339NANO), t:format("Mon Jan _2 15:04:05 2006"), t:format(time.KITCHEN), t:unix(), t:year_day(), t:weekday() == time.SATURDAY }`;
    expect(run(source)).toEqual([
      "2026-11-21T05:06:07Z",
      "2026-11-21T05:06:07.123Z",
      "Sat Nov 21 05:06:07 2026",
      "5:06AM",
      1_795_237_567,
      325,
      true,
    ]);
  });

  test("knows zones", () => {
    const source = `
      local z = time.load_location("America/New_York")
      local t = time.unix(0):in_location(z)
      return { t:format(time.RFC3339), time.unix(0):in_location(time.fixed_zone("X", 5400)):format(time.RFC3339), tostring(z) }`;
    expect(run(source)).toEqual(["1969-12-31T19:00:00-05:00", "1970-01-01T01:30:00+01:30", "America/New_York"]);
    expect(run("local z, e = time.load_location('Nowhere') return e:kind()")).toBe("Invalid");
  });

  test("parses what it formats", () => {
    expect(run("return time.parse(time.RFC3339, '2026-11-21T05:06:07+02:00'):utc():format(time.DATE_TIME)")).toBe(
      "2026-11-21 03:06:07",
    );
    expect(run("return time.parse('Jan 2, 2006 at 3:04PM', 'Feb 3, 2013 at 7:54PM'):format(time.RFC3339)")).toBe(
      "2013-02-03T19:54:00Z",
    );
    expect(run("local t, e = time.parse(time.DATE_ONLY, 'x') return e:kind()")).toBe("Internal");
  });

  test("calculates", () => {
    const source = `
      local a = time.date(2024, 1, 31, 0, 0, 0, 0, time.utc)
      local b = a:add("36h")
      return { b:sub(a):hours(), b:after(a), a < b, a:add_date(0, 1, 0):format(time.DATE_ONLY), b:truncate("24h"):format(time.RFC3339) }`;
    expect(run(source)).toEqual([36, true, true, "2024-03-02", "2024-02-01T00:00:00Z"]);
  });

  test("timers and tickers deliver on channels, and can be stopped", async () => {
    expect(await run("local t, ok = time.after('1ms'):receive() return ok and t:unix() > 0")).toBe(true);
    const source = `
      local ticker = time.ticker("1ms")
      for i = 1, 3 do ticker:channel():receive() end
      local timer = time.timer("1h")
      return { ticker:stop(), timer:stop(), timer:stop() }`;
    expect(await run(source)).toEqual([true, true, false]);
    const timeout =
      'local r = channel.select{ channel.new():case_receive(), time.after("1ms"):case_receive() } return r.ok';
    expect(await run(timeout)).toBe(true);
  });
});

describe("logger and print", () => {
  test("lines carry the pid, the place, and fields", () => {
    const { run: runs, lines } = instance();
    expect(
      runs("print('a', 1)\nlogger:info('m', { n = 1 }) logger.named('x'):with({ k = 'v' }):error('bad')"),
    ).toBeNull();
    expect(lines).toEqual([
      ["info", "a\t1", { id: "app:main", pid: "{app:host|1}", location: "app:main:1" }],
      ["info", "m", { id: "app:main", pid: "{app:host|1}", location: "app:main:2", n: 1 }],
      ["error", "bad", { id: "app:main", pid: "{app:host|1}", location: "app:main:2", logger: "x", k: "v" }],
    ]);
  });
});

describe("errors in log lines", () => {
  test("say what they are, without stacks of the host", () => {
    const { run: runs, lines } = instance();
    void runs("logger.warn('m', { plain = errors.new('p'), full = errors.new({ message = 'f', kind = 'Conflict' }) })");
    expect(lines[0]?.[2]).toMatchObject({ plain: "p", full: { message: "f", kind: "Conflict", details: {} } });
  });
});

describe("ctx", () => {
  const inherited = instance({ context: { values: { user: { id: 1 } } } });

  test("gives what the caller passed down", () => {
    expect(inherited.run("return { ctx.get('user').id, ctx.all().user.id }")).toEqual([1, 1]);
  });

  test("ctx.trace gives the trace of the call, which log lines carry", () => {
    const trace = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7" };
    const traced = instance({ context: { trace } });
    expect(traced.run("logger.info('x') return ctx.trace()")).toEqual({
      trace_id: trace.traceId,
      span_id: trace.spanId,
      traceparent: `00-${trace.traceId}-${trace.spanId}-01`,
    });
    expect(traced.lines[0]?.[2]).toMatchObject({ trace: trace.traceId });
    expect(instance().run("return ctx.trace() == nil")).toBe(true);
  });

  test("tells a missing key from an empty one", () => {
    expect(inherited.run("local _, a = ctx.get('x') local _, b = ctx.get('') return { a:kind(), b:kind() }")).toEqual([
      "NotFound",
      "Invalid",
    ]);
  });
});

describe("registry", () => {
  const entries = [{ id: "app:a", kind: "registry.entry", meta: { type: "t" }, data: { n: 1 } }];
  const known = instance({ entries });

  test("gets and finds entries", async () => {
    expect(await known.run("local e = registry.get('app:a') return { e.id, e.kind, e.meta.type, e.data.n }")).toEqual([
      "app:a",
      "registry.entry",
      "t",
      1,
    ]);
    expect(await known.run("return #registry.find({ kind = 'registry.entry' })")).toBe(1);
    expect(await known.run("local _, e = registry.get('app:b') return e:kind()")).toBe("NotFound");
    expect(known.run("return registry.parse_id('x')")).toEqual({ ns: "", name: "x" });
  });
});

describe("io", () => {
  function stdio(input: string): Stdio & { readonly written: string[] } {
    const written: string[] = [];
    const sink = (name: string) => ({
      isTerminal: false,
      write: (bytes: Uint8Array) => void written.push(`${name}:${Buffer.from(bytes).toString()}`),
    });
    const pieces = [Buffer.from(input)];
    return {
      written,
      stdin: { isTerminal: false, read: () => pieces.shift() },
      stdout: sink("out"),
      stderr: sink("err"),
    };
  }

  test("writes, prints and reads lines", async () => {
    const streams = stdio("first\nsecond\r\nlast");
    const command = instance({ stdio: streams, args: ["-v"] });
    const source =
      "io.write('a', 1) io.print('b', 2) io.eprint('c') return { io.readline(), io.readline(), io.readline(), tostring(io.readline()), io.args()[1] }";
    expect(await command.run(source)).toEqual(["first", "second", "last", "nil", "-v"]);
    expect(streams.written).toEqual(["out:a1", "out:b\t2\n", "err:c\n"]);
  });

  test("tells of closed streams", () => {
    expect(run("local ok, e = io.write('x') return { ok == nil, e:kind() }")).toEqual([true, "Unavailable"]);
  });
});

describe("process", () => {
  test("knows who it is", () => {
    expect(run("return { process.id(), process.pid(), process.event.EXIT }")).toEqual([
      "app:main",
      "{app:host|1}",
      "pid.exit",
    ]);
  });

  test("spawns, and hears of the end on its events", async () => {
    const { run: runs, emit, spawned } = instance();
    const result = runs(`
      local events = process.events()
      local pid = process.spawn_monitored("app:worker", "app:host", 1, "x")
      local e = events:receive()
      return { pid, e.kind == process.event.EXIT, e.from, e.result.value, process.events() == events }`);
    await new Promise((resolve) => setImmediate(resolve));
    expect(spawned).toMatchObject([{ id: "app:worker", host: "app:host", args: [1, "x"], monitor: true }]);
    emit({ kind: "pid.exit", from: "{app:host|2}", at: 1, result: { value: 42 } });
    expect(await result).toEqual(["{app:host|2}", true, "{app:host|2}", 42, true]);
  });

  test("exec waits for the result", async () => {
    expect(
      await instance({ functions: { "app:w": "return ... * 2" } }).run("return process.exec('app:w', 'app:host', 4)"),
    ).toBe(8);
  });
});

describe("base64, hash and uuid", () => {
  test("agree with what the world computes", () => {
    expect(run("return { base64.encode('\\0\\255a'), base64.decode('AP9h') == '\\0\\255a' }")).toEqual(["AP9h", true]);
    expect(run("local v, e = base64.decode('!') return e:kind()")).toBe("Invalid");
    expect(
      run(
        "return { hash.sha256(''), hash.md5('a'), #hash.sha1('a', true), hash.fnv32('a'), hash.hmac_sha256('data', 'key') }",
      ),
    ).toEqual([
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "0cc175b9c0f1b6a831c399e269772661",
      20,
      0xe40c292c,
      "5031fe3d989c6d1537a013fa6e739da23463fdaec3b70137d828e36ace221bd0",
    ]);
    expect(
      run(
        "return { uuid.validate(uuid.v4()), uuid.version(uuid.v7()), uuid.validate('x'), uuid.v5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'python.org') }",
      ),
    ).toEqual([true, 7, false, "886313e1-3b8a-5372-9b90-0c9aee199e5d"]);
  });
});
