import { expect, test } from "vitest";
import { errorCodes, describeCode, type ErrorCode } from "../../../src/core/error-codes.ts";
import { decodeError, encodeError, toWeftError, WeftError } from "../../../src/core/errors.ts";

function isCode(code: string): code is ErrorCode {
  return describeCode(code) !== undefined;
}

const codes = Object.keys(errorCodes).filter(isCode);

test.each(codes)("%s survives the way to another thread", (code) => {
  const error = new WeftError(code, "what happened", {
    details: { entry: "app:x", list: [1, 2] },
    guestStack: "app:x:3",
    cause: new WeftError("INTERNAL", "why"),
  });
  const back = decodeError(structuredClone(encodeError(error)));
  expect(back).toBeInstanceOf(WeftError);
  expect(back).toMatchObject({
    code,
    kind: errorCodes[code].kind,
    retryable: errorCodes[code].retryable,
    message: "what happened",
    details: { entry: "app:x", list: [1, 2] },
    guestStack: "app:x:3",
  });
  expect(back.cause).toMatchObject({ code: "INTERNAL", message: "why" });
  expect(back.stack).toBe(error.stack);
});

test("a kind and retryability of the guest's own win over the code's", () => {
  const error = new WeftError("GUEST_ERROR", "gone", { kind: "NotFound", retryable: null });
  expect(decodeError(encodeError(error))).toMatchObject({ kind: "NotFound", retryable: null });
});

test("anything thrown becomes a failure that keeps it as its cause", () => {
  const bug = new TypeError("x is not a function");
  expect(toWeftError(bug)).toMatchObject({ code: "INTERNAL", message: "x is not a function", cause: bug });
  expect(toWeftError("text")).toMatchObject({ code: "INTERNAL", message: "text" });
});

test("a chain of causes that never ends is cut", () => {
  const error = new Error("loop");
  error.cause = error;
  let depth = 0;
  for (let wire = encodeError(error).cause; wire !== undefined; wire = wire.cause) depth += 1;
  expect(depth).toBeLessThanOrEqual(9);
});
