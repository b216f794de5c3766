import { expect, test } from "vitest";
import { Cancellation, childCancellation } from "../../../src/core/cancellation.ts";
import { childContext, earlier, rootContext } from "../../../src/core/context.ts";
import { formatMs, parseDurationMs } from "../../../src/core/durations.ts";
import { WeftError } from "../../../src/core/errors.ts";
import { parseId, requireFullId, resolveId } from "../../../src/core/ids.ts";

test("an id splits at its first colon, and a bare name takes the namespace around it", () => {
  expect(parseId("app.test:fn:x")).toEqual({ namespace: "app.test", name: "fn:x" });
  expect(parseId("fn")).toEqual({ namespace: "", name: "fn" });
  expect(resolveId("fn", "app")).toBe("app:fn");
  expect(resolveId(":fn", "app")).toBe("app:fn");
  expect(resolveId("other:fn", "app")).toBe("other:fn");
});

test.each([
  ["", "an entry id is required"],
  ["fn", '"fn" has no namespace: write it as "namespace:fn"'],
  ["app:", '"app:" has no name after its namespace'],
  [7, "an entry id is required"],
])("%j is no target of a call", (target, message) => {
  expect(() => requireFullId(target)).toThrow(expect.objectContaining({ code: "INVALID_ID", message }));
});

test.each([
  ["1h30m", 5_400_000],
  ["250ms", 250],
  ["-1.5s", -1_500],
  ["10us", 0.01],
  ["2µs", 0.002],
  ["0", 0],
  [".5s", 500],
  ["", undefined],
  ["5", undefined],
  ["1 s", undefined],
  ["s", undefined],
])("the duration %j is %j ms", (text, ms) => {
  expect(parseDurationMs(text)).toBe(ms);
});

test("times are written for people", () => {
  expect([0.0421, 3.2512, 42.42, 12_345].map(formatMs)).toEqual(["42µs", "3.25ms", "42.4ms", "12.35s"]);
});

test("a cancellation runs its listeners once, in order, and late ones at once", () => {
  const cancellation = new Cancellation();
  const heard: string[] = [];
  cancellation.onCancel(() => heard.push("first"));
  const gone = cancellation.onCancel(() => heard.push("never"));
  cancellation.onCancel(() => heard.push("second"));
  gone[Symbol.dispose]();
  const reason = new WeftError("CALL_CANCELED", "stop");
  cancellation.cancel(reason);
  cancellation.cancel(new WeftError("CALL_TIMEOUT", "too late"));
  cancellation.onCancel((why) => heard.push(why.message));
  expect(heard).toEqual(["first", "second", "stop"]);
  expect(() => cancellation.throwIfCanceled()).toThrow(reason);
  expect(cancellation.signal.reason).toBe(reason);
});

test("a child ends with its parent, but not the other way round", () => {
  const parent = new Cancellation();
  using first = childCancellation(parent);
  using second = childCancellation(parent);
  first.cancellation.cancel(new WeftError("CALL_CANCELED", "only me"));
  expect(parent.reason).toBeUndefined();
  parent.cancel(new WeftError("CALL_CANCELED", "all"));
  expect(second.cancellation.reason?.message).toBe("all");
});

test("a child's context inherits all but what is said, and never outlives its parent", () => {
  const parent = rootContext({ actor: { id: "ann", meta: {} }, values: { tenant: "t1" }, deadline: 1_000 });
  const child = childContext(parent, { deadline: 2_000, values: { tenant: "t2" } });
  expect(child).toMatchObject({ actor: { id: "ann" }, values: { tenant: "t2" }, deadline: 1_000, depth: 1 });
  expect(child.root).toBe(parent.root);
  expect(earlier(undefined, 5)).toBe(5);
});
