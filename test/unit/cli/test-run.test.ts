import { expect, test } from "vitest";
import { planTests, reportOf, type TestResult } from "../../../src/cli/test-run.ts";
import type { EntryView } from "../../../src/hosts/ports.ts";

const entry = (id: string, meta: EntryView["meta"] = {}): EntryView => ({
  id,
  kind: "function.lua",
  meta: { type: "test", ...meta },
  data: {},
});
const ids = (entries: readonly EntryView[], ...filters: string[]): string[] =>
  planTests(entries, filters).map((planned) => planned.id);

test("tests run by suite, then order, then id; those without an order come last", () => {
  const entries = [
    entry("app:z", { suite: "one" }),
    entry("app:b", { suite: "two", order: 1 }),
    entry("app:a", { suite: "one" }),
    entry("app:y", { suite: "one", order: 2 }),
    entry("app:x", { suite: "one", order: 10 }),
  ];
  expect(ids(entries)).toEqual(["app:y", "app:x", "app:a", "app:z", "app:b"]);
});

test("a filter selects the ids that begin with it, several filters any of theirs", () => {
  const entries = [entry("app:a"), entry("app.users:b"), entry("other:c")];
  expect(ids(entries, "app.")).toEqual(["app.users:b"]);
  expect(ids(entries, "app:", "other")).toEqual(["app:a", "other:c"]);
  expect(ids(entries, "a:")).toEqual([]);
});

test("only meta.type: test is a test; its namespace is the suite of one without", () => {
  expect(planTests([entry("app.deep:a"), entry("app:no", { type: "tests" })], [])).toEqual([
    { id: "app.deep:a", suite: "app.deep", skip: undefined },
  ]);
});

test("meta.skip skips with its reason", () => {
  const skips = planTests(
    [entry("a:a", { skip: "flaky" }), entry("a:b", { skip: true }), entry("a:c", { skip: false })],
    [],
  );
  expect(skips.map((planned) => planned.skip)).toEqual(["flaky", "skipped by meta.skip", undefined]);
});

test("a report counts by status", () => {
  const result = (status: TestResult["status"]): TestResult => ({ id: "a:a", suite: "a", status, duration_ms: 0 });
  expect(reportOf([result("passed"), result("failed"), result("passed"), result("skipped")])).toMatchObject({
    passed: 2,
    failed: 1,
    skipped: 1,
  });
});
