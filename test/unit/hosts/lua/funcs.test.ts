import { describe, expect, test } from "vitest";
import { WeftError } from "../../../../src/core/errors.ts";
import type { Value } from "../../../../src/core/values.ts";
import type { CallContext } from "../../../../src/core/context.ts";
import { parseWit } from "../../../../src/wit/parse/parse.ts";
import type { WitFunction } from "../../../../src/wit/types.ts";
import { instance, type Callee } from "./support/instance.ts";

function signature(text: string): WitFunction {
  const [found] = parseWit(text).functions;
  if (found === undefined) throw new Error("no function in the text");
  return found;
}

const transform: Callee = {
  signature: signature(`
    record user { id: u32, user-name: string, tags: list<string> }
    transform: func(users: list<user>) -> list<string>;
  `),
  run: ([users]) => (Array.isArray(users) ? users.map((user) => JSON.stringify(user)) : null),
};

const parse: Callee = {
  signature: signature("parse: func(text: string) -> result<u32, string>;"),
  run: ([text]): Value => (text === "7" ? { ok: 7 } : { err: "no number" }),
};

/** Waits until its call is cancelled. */
function waiting(seen: CallContext[]): Callee {
  return {
    run: (_, context) => {
      seen.push(context);
      return new Promise((_resolve, reject) => {
        context.cancellation.onCancel(reject);
      });
    },
  };
}

describe("funcs.call", () => {
  test("of a Lua function that does not wait is not a promise", () => {
    const { run } = instance({ functions: { "app:add": "local a, b = ... return a + b" } });
    expect(run('return funcs.call("app:add", 2, 3)')).toBe(5);
  });

  test("nests, and passes values as data", () => {
    const functions = {
      "app:outer": 'local funcs = require("funcs") return funcs.call("app:inner", { list = { 1, 2 }, ... })',
      "app:inner": "local t = ... t.list[3] = 3 return t.list",
    };
    expect(instance({ functions }).run('return funcs.call("app:outer", "x")')).toEqual([1, 2, 3]);
  });

  test("waits for a callee that waits", async () => {
    const { run } = instance({ callees: { "app:slow": { run: async ([x]) => await Promise.resolve(x ?? null) } } });
    expect(await run('return funcs.call("app:slow", "v")')).toBe("v");
  });

  test("converts by the callee's signature", () => {
    const { run } = instance({ callees: { "app:t": transform } });
    expect(run('return funcs.call("app:t", { { id = 1, user_name = "ada", tags = {} } })')).toEqual([
      '{"id":1,"user-name":"ada","tags":[]}',
    ]);
  });

  test("says where an argument is wrong, and how", () => {
    const { run } = instance({ callees: { "app:transform_users": transform } });
    const source = `
      local users = { { id = 1, ["user-name"] = "a", tags = {} }, { id = 2, ["user-name"] = "b", tags = {} }, { id = 3, ["user-name"] = "c", tags = { "x", 7 } } }
      local v, err = funcs.call("app:transform_users", users)
      return { err:kind(), err:message() }`;
    expect(run(source)).toEqual([
      "Invalid",
      'argument 1 "users"[3].tags[2]: expected string, got number 7 (in app:transform_users: func(users: list<user>) -> list<string>)',
    ]);
    expect(run('local v, err = funcs.call("app:transform_users") return tostring(err)')).toContain(
      "expected 1 argument, got 0",
    );
  });

  test("gives a WIT result as value and error", () => {
    const { run } = instance({ callees: { "app:parse": parse, "app:table": { ...parse, resultForm: "table" } } });
    expect(run('local v, e = funcs.call("app:parse", "7") return { v, e == nil }')).toEqual([7, true]);
    expect(run('local v, e = funcs.call("app:parse", "x") return { v == nil, e }')).toEqual([true, "no number"]);
    expect(run('return funcs.call("app:table", "x")')).toEqual({ err: "no number" });
  });

  test("returns failures as error objects that keep kind, details and retryability", () => {
    const functions = {
      "app:fail":
        "return nil, errors.new({ message = 'busy', kind = 'Unavailable', retryable = true, details = { n = 1 } })",
    };
    const { run } = instance({ functions });
    expect(
      run(
        'local v, e = funcs.call("app:fail") return { tostring(v), e:kind(), e:message(), e:retryable(), e:details().n }',
      ),
    ).toEqual(["nil", "Unavailable", "busy", true, 1]);
    expect(run('local v, e = funcs.call("app:none") return { e:kind(), e:details().target }')).toEqual([
      "NotFound",
      "app:none",
    ]);
  });

  test.each([
    ['""', "an entry id is required"],
    ['"name"', "has no namespace"],
    ['"ns:"', "has no name"],
    ["nil", "an entry id is required"],
    ["{}", "an entry id is required"],
  ])("refuses the target %s", (target, message) => {
    const result = instance().run(`local v, e = funcs.call(${target}) return { e:kind(), tostring(e) }`);
    expect(result).toEqual(["Invalid", expect.stringContaining(message)]);
  });

  test("refuses arguments that cannot cross", () => {
    expect(
      instance({ functions: { "app:f": "return 1" } }).run(
        'local _, e = funcs.call("app:f", 1, { f = print }) return tostring(e)',
      ),
    ).toBe("argument 2.f: a function cannot cross a call");
  });
});

describe("funcs.async", () => {
  const callees = {
    "app:echo": { run: async ([x = null]: readonly unknown[]) => await Promise.resolve(x === "bad" ? fail() : 5) },
  };

  function fail(): never {
    throw new WeftError("CALL_TIMEOUT", "too slow");
  }

  test("delivers a payload on its channel", async () => {
    const source = `
      local f = funcs.async("app:echo", 1)
      local before = f:is_complete()
      local p, ok = f:response():receive()
      local v, err = f:result()
      return { before, p:data(), ok, f:is_complete(), v:data(), err == nil, f:channel() == f:response(), (select(2, f:error())) }`;
    expect(await instance({ callees }).run(source)).toEqual([false, 5, true, true, 5, true, true, false]);
  });

  test("delivers a failure as an error object", async () => {
    const source = `
      local f = funcs.async("app:echo", "bad")
      local e, ok = f:response():receive()
      local err, failed = f:error()
      return { e:kind(), ok, err:message(), failed, (f:result()) == nil }`;
    expect(await instance({ callees }).run(source)).toEqual(["Timeout", true, "too slow", true, true]);
  });

  test("several run side by side", async () => {
    const source = `
      local fs = {}
      for i = 1, 3 do fs[i] = funcs.async("app:echo", i) end
      local sum = 0
      for _, f in ipairs(fs) do sum = sum + f:channel():receive():data() end
      return sum`;
    expect(await instance({ callees }).run(source)).toBe(15);
  });

  test("cancel reaches the callee", async () => {
    const seen: CallContext[] = [];
    const source = `
      local f = funcs.async("app:wait")
      f:cancel()
      local e = f:response():receive()
      return { f:is_canceled(), e:kind() }`;
    expect(await instance({ callees: { "app:wait": waiting(seen) } }).run(source)).toEqual([true, "Canceled"]);
    expect(seen[0]?.cancellation.reason?.code).toBe("CALL_CANCELED");
  });

  test("a caller that ends cancels what it started", async () => {
    const seen: CallContext[] = [];
    const result = instance({ callees: { "app:wait": waiting(seen) } }).run('funcs.async("app:wait") return 1');
    expect(await result).toBe(1);
    expect(seen[0]?.cancellation.reason?.code).toBe("CALL_CANCELED");
  });
});

describe("an executor", () => {
  test("adds context, actor, scope and options to its calls, and stays as it was", () => {
    const seen: CallContext[] = [];
    const callee: Callee = {
      run: (_, context) => {
        seen.push(context);
        return null;
      },
    };
    const source = `
      local base = funcs.new():with_context({ a = 1, b = 1 })
      local more = base:with_context({ b = 2 }):with_actor({ id = "user:1", meta = { role = "x" } }):with_scope({ policies = { "app:p" } })
      base:call("app:f")
      more:call("app:f")`;
    const { run } = instance({ callees: { "app:f": callee }, context: { values: { z: 0, a: 0 } } });
    expect(run(source)).toBeNull();
    expect(seen[0]).toMatchObject({ values: { z: 0, a: 1, b: 1 }, actor: undefined });
    expect(seen[1]).toMatchObject({
      values: { z: 0, a: 1, b: 2 },
      actor: { id: "user:1", meta: { role: "x" } },
      scope: { policies: ["app:p"] },
    });
  });

  test("reads timeouts in milliseconds and as text", async () => {
    const { run } = instance({ functions: { "app:f": "return 3" } });
    expect(run('return funcs.new():with_options({ timeout = "1s" }):call("app:f")')).toBe(3);
    expect(run('local _, e = funcs.new():with_options({ timeout = "soon" }) return e:kind()')).toBe("Invalid");
    expect(await run('return funcs.new():async("app:f"):response():receive():data()')).toBe(3);
  });
});
