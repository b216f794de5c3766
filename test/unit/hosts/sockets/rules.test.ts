import { expect, test } from "vitest";
import { networkRuleProblem, networkRules } from "../../../../src/hosts/sockets/rules.ts";

test.each([
  ["*", "127.0.0.1", 80, true],
  ["*:80", "127.0.0.1", 80, true],
  ["*:80", "127.0.0.1", 81, false],
  ["10.0.0.0/8:80-90", "10.1.2.3", 80, true],
  ["10.0.0.0/8:80-90", "10.1.2.3", 90, true],
  ["10.0.0.0/8:80-90", "10.1.2.3", 91, false],
  ["10.0.0.0/8:80-90", "11.1.2.3", 80, false],
  ["192.0.2.1", "192.0.2.1", 1, true],
  ["192.0.2.1", "192.0.2.2", 1, false],
  ["::1", "::1", 5, true],
  ["[::1]:5", "::1", 6, false],
  ["2001:db8::/32", "2001:db8:7::1", 5, true],
  ["fe80::/10", "fe80::1%eth0", 5, true],
  ["example.org", "192.0.2.1", 5, false],
  ["0.0.0.0/0", "not-an-address", 5, false],
])("the rule %s for %s port %i says %s", (rule, address, port, allowed) => {
  expect(networkRuleProblem(rule)).toBeUndefined();
  expect(networkRules({ allow: [rule] }).mayConnect(address, port)).toBe(allowed);
  if (address !== "not-an-address") expect(networkRules({ deny: [rule] }).mayConnect(address, port)).toBe(!allowed);
});

test.each(["", "10.0.0.0/33", "::/129", "300.1.1.1", "10.0.0", "a:b", "*:99999", "*:9-1", "[::1", "a/8", "*.", "a b"])(
  "%j is no rule",
  (rule) => {
    expect(networkRuleProblem(rule)).toContain("must be");
    expect(() => networkRules({ allow: [rule] })).toThrow("not checked");
  },
);

test("what is denied stays denied, and an empty list allows nothing", () => {
  const rules = networkRules({ allow: ["10.0.0.0/8"], deny: ["10.0.0.1"] });
  expect(rules.mayConnect("10.0.0.2", 1)).toBe(true);
  expect(rules.mayConnect("10.0.0.1", 1)).toBe(false);
  expect(networkRules({ allow: [] }).mayConnect("10.0.0.2", 1)).toBe(false);
  expect(networkRules({}).mayResolve?.("anything")).toBe(true);
});

test("names are allowed by rules that name them, with everything below a star", () => {
  const rules = networkRules({ allow: ["*.example.org:443", "10.0.0.0/8"], deny: ["bad.example.org"] });
  expect(rules.mayResolve?.("api.example.org")).toBe(true);
  expect(rules.mayResolve?.("example.org")).toBe(false);
  expect(rules.mayResolve?.("bad.example.org")).toBe(false);
  rules.resolved?.("api.example.org", ["192.0.2.1"]);
  expect(rules.mayConnect("192.0.2.1", 443)).toBe(true);
  expect(rules.mayConnect("192.0.2.1", 80)).toBe(false);
  rules.resolved?.("bad.example.org", ["192.0.2.1"]);
  expect(rules.mayConnect("192.0.2.1", 443)).toBe(false);
});
