import type { EntryId } from "../core/ids.ts";
import type { Value } from "../core/values.ts";
import { parseId } from "../core/ids.ts";
import type { EntryView } from "../hosts/ports.ts";

/** A test of an app: an entry with `meta.type: test`. */
export interface TestCase {
  readonly id: EntryId;
  readonly suite: string;
  /** Why it is not run, or undefined when it is. */
  readonly skip: string | undefined;
}

/** How one test went; the item of `weft test --json`. */
export interface TestResult {
  readonly id: EntryId;
  readonly suite: string;
  readonly status: "passed" | "failed" | "skipped";
  readonly duration_ms: number;
  readonly error?: string;
  /** Why a skipped test is. */
  readonly reason?: string;
}

/** What `weft test --json` prints. */
export interface TestReport {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly tests: readonly TestResult[];
}

/** The tests that match a filter (all without one), by suite, then `meta.order` (those without one last), then id. */
export function planTests(entries: readonly EntryView[], filters: readonly string[]): TestCase[] {
  return entries
    .filter(({ id, meta }) => meta["type"] === "test" && matches(id, filters))
    .map(({ id, meta }) => ({ test: toTest(id, meta), order: orderOf(meta["order"]) }))
    .toSorted(
      (a, b) => compare(a.test.suite, b.test.suite) || compare(a.order, b.order) || compare(a.test.id, b.test.id),
    )
    .map(({ test }) => test);
}

function matches(id: EntryId, filters: readonly string[]): boolean {
  return filters.length === 0 || filters.some((filter) => id.startsWith(filter));
}

function toTest(id: EntryId, meta: EntryView["meta"]): TestCase {
  const { suite, skip } = meta;
  const reason = typeof skip === "string" && skip !== "" ? skip : skip === true ? "skipped by meta.skip" : undefined;
  return { id, suite: typeof suite === "string" && suite !== "" ? suite : parseId(id).namespace, skip: reason };
}

function orderOf(order: Value | undefined): number {
  return typeof order === "number" ? order : Infinity;
}

function compare(a: string | number, b: string | number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Counts results. */
export function reportOf(tests: readonly TestResult[]): TestReport {
  const count = (status: TestResult["status"]): number => tests.filter((test) => test.status === status).length;
  return { passed: count("passed"), failed: count("failed"), skipped: count("skipped"), tests };
}
