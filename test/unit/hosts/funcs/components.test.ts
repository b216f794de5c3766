import { describe, expect, test } from "vitest";
import { canceled, Cancellation } from "../../../../src/core/cancellation.ts";
import { rootContext } from "../../../../src/core/context.ts";
import { WeftError } from "../../../../src/core/errors.ts";
import type { Value } from "../../../../src/core/values.ts";
import { bindHosts } from "../../../../src/hosts/index.ts";
import type { CallRequest, DispatcherPort } from "../../../../src/hosts/ports.ts";
import type { WitFunction } from "../../../../src/wit/types.ts";
import { errorOf } from "../support/descriptors.seam.ts";
import { imported } from "../support/imports.seam.ts";
import { instance, ports } from "../support/instance.ts";

const wippy = "wippy:runtime/funcs";
const weft = "weft:runtime/funcs";

/** Binds `funcs` over callees given by what they answer. */
function bound(
  answer: (request: CallRequest) => Value | Promise<Value>,
  given: { signature?: WitFunction; cancellation?: Cancellation } = {},
) {
  const dispatcher: DispatcherPort = {
    describe: () => ({ signature: given.signature, resultForm: "pair" }),
    call: answer,
  };
  const call = rootContext({
    root: 1,
    ...(given.cancellation === undefined ? {} : { cancellation: given.cancellation }),
  });
  const { imports } = bindHosts(
    instance({ ports: ports(dispatcher), call }),
    ["funcs"],
    [
      { interface: wippy, version: "0.1.0" },
      { interface: weft, version: "0.1.0" },
    ],
  );
  return {
    call,
    string: imported(imports, wippy, "callString"),
    bytes: imported(imports, wippy, "callBytes"),
    json: imported(imports, weft, "callJson"),
    weftString: imported(imports, weft, "callString"),
  };
}

describe("calls of other entries from a component", () => {
  test("pass one argument and the caller's own context", () => {
    const requests: CallRequest[] = [];
    const funcs = bound((request) => {
      requests.push(request);
      return "pong";
    });
    expect(funcs.string("app:echo", "ping")).toBe("pong");
    expect(requests).toEqual([{ id: "app:echo", args: ["ping"], checked: false, context: funcs.call }]);
    expect(funcs.bytes("app:echo", Uint8Array.of(1, 255))).toEqual(new TextEncoder().encode("pong"));
    expect(requests[1]?.args).toEqual([Uint8Array.of(1, 255)]);
  });

  test.each<[string, Value]>([
    ["text", "text"],
    ["", null],
    ["42", 42],
    ["9223372036854775808", 2n ** 63n],
    ["bytes", new TextEncoder().encode("bytes")],
    ['{"a":[1,null,"x"]}', { a: [1, null, "x"] }],
    ['{"1":"one"}', new Map<Value, Value>([[1, "one"]])],
  ])("give any value as text: '%s'", (expected, value) => {
    expect(bound(() => value).string("app:x", "")).toBe(expected);
    expect(bound(() => value).bytes("app:x", new Uint8Array(0))).toEqual(new TextEncoder().encode(expected));
  });

  test("wait for a callee that waits, and only for one", async () => {
    expect(bound(() => "now").string("app:x", "")).toBe("now");
    const later = bound(async () => "later").string("app:x", "");
    expect(later).toBeInstanceOf(Promise);
    expect(await later).toBe("later");
  });

  test("return a failure as err: its message, or all of it", async () => {
    const failure = new WeftError("ENTRY_NOT_FOUND", "there is no app:x");
    const funcs = bound(() => {
      throw failure;
    });
    expect(errorOf(() => funcs.string("app:x", ""))).toBe("there is no app:x");
    expect(errorOf(() => funcs.weftString("app:x", ""))).toEqual({
      code: "ENTRY_NOT_FOUND",
      kind: "NotFound",
      message: "there is no app:x",
      retryable: false,
    });
    await expect(bound(() => Promise.reject(failure)).string("app:x", "")).rejects.toMatchObject({
      payload: "there is no app:x",
    });
  });

  test("need a full id", () => {
    const funcs = bound(() => "never");
    expect(errorOf(() => funcs.string("echo", ""))).toContain('write it as "namespace:echo"');
    expect(errorOf(() => funcs.string("", ""))).toBe("an entry id is required");
  });

  test("end the guest when its own call is over", async () => {
    const cancellation = new Cancellation();
    const reason = canceled();
    const waiting = bound(() => new Promise((_, reject) => void cancellation.onCancel(reject)), {
      cancellation,
    }).string("app:x", "");
    cancellation.cancel(reason);
    await expect(waiting).rejects.toBe(reason);
  });

  test("unpack a callee's WIT result", () => {
    const signature: WitFunction = {
      name: "f",
      params: [],
      result: { kind: "result", ok: { kind: "s32" }, err: { kind: "string" } },
    };
    expect(bound(() => ({ ok: 5 }), { signature }).string("app:x", "")).toBe("5");
    expect(errorOf(() => bound(() => ({ err: "too small" }), { signature }).string("app:x", ""))).toBe("too small");
    expect(bound(() => ({ ok: 5 })).string("app:x", "")).toBe('{"ok":5}');
  });

  test("take several arguments as JSON", () => {
    const requests: CallRequest[] = [];
    const funcs = bound((request) => {
      requests.push(request);
      return { sum: 3 };
    });
    expect(funcs.json("app:sum", '[1, {"a": 9007199254740993}]')).toBe('{"sum":3}');
    expect(funcs.json("app:sum", '"one"')).toBe('{"sum":3}');
    expect(requests.map(({ args }) => args)).toEqual([[1, { a: 9007199254740993n }], ["one"]]);
    expect(errorOf(() => funcs.json("app:sum", "{"))).toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});
