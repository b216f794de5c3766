import { expect, test } from "vitest";
import { WeftError } from "../../../src/core/errors.ts";
import { failureResponse } from "../../../src/gateway/failures.ts";

test.each([
  [new WeftError("BODY_TOO_LARGE", "too large"), 413, "too large\n"],
  [new WeftError("CALL_TIMEOUT", "too slow"), 504, "too slow\n"],
  [new WeftError("POOL_FULL", "too many"), 503, "too many\n"],
  [new WeftError("ISOLATE_LOST", "lost"), 503, "lost\n"],
  [new WeftError("GUEST_ERROR", "it broke"), 500, "it broke\n"],
  [new WeftError("ENTRY_NOT_FOUND", "no such function"), 500, "no such function\n"],
  [new Error("a secret of ours"), 500, "something went wrong inside the server\n"],
])("a failure before the answer has a status and a line of text: %s", async (error, status, body) => {
  const response = failureResponse(error);
  expect([response.status, await response.text()]).toEqual([status, body]);
  expect(response.headers.get("retry-after")).toBe(status === 503 ? "1" : null);
});
