import { expect, test } from "vitest";
import { instance } from "../lua/support/instance.ts";

const { run } = instance();

test("those made by time tell when, and differ", () => {
  const made = run(`local a, b = uuid.v1(), uuid.v1()
    local p = uuid.parse(a)
    return { a ~= b, p.version, p.variant, math.abs(p.timestamp - os.time()) < 5, #p.node, uuid.validate(a),
      math.abs(uuid.parse(uuid.v7()).timestamp - os.time()) < 5, uuid.parse(uuid.v4()).timestamp == nil }`);
  expect(made).toEqual([true, 1, "RFC4122", true, 12, true, true, true]);
});

test("reads the examples of RFC 9562, appendix A", () => {
  expect(
    run(`local found = {}
      for i, u in ipairs({ "C232AB00-9414-11EC-B3C8-9F6BDECED846", "1EC9414C-232A-6B00-B3C8-9F6BDECED846", "017F22E2-79B0-7CC3-98C4-DC0C0C07398F" }) do
        local p = uuid.parse(u)
        found[i] = { p.version, p.timestamp, p.node or "" }
      end
      return found`),
  ).toEqual([
    [1, 1_645_557_742, "9f6bdeced846"],
    [6, 1_645_557_742, "9f6bdeced846"],
    [7, 1_645_557_742, ""],
  ]);
});

test("variants", () => {
  expect(
    run(
      `return { uuid.variant("00000000-0000-0000-0000-000000000000"), uuid.variant("00000000-0000-4000-C000-000000000000") }`,
    ),
  ).toEqual(["NCS", "Microsoft"]);
  expect(run(`local v, e = uuid.parse("x") return e:kind()`)).toBe("Invalid");
});
