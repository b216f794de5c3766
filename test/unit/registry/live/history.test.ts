import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { applyChanges, takeSteps, viewsOf, type EntryMap } from "../../../../src/registry/live/apply-changes.ts";
import { squash, type Change, type Step, type StoredEntry } from "../../../../src/registry/live/change.ts";
import { diffEntries } from "../../../../src/registry/live/diff.ts";
import { MemoryHistory, stepsBetween, type History } from "../../../../src/registry/live/history.ts";
import { SqliteHistory } from "../../../../src/registry/live/sqlite-history.ts";

const folder = mkdtempSync(join(tmpdir(), "weft-history-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const newFile = (): string => join(folder, "below", `${(files += 1)}.db`);

const entry = (name: string, text: string): StoredEntry => ({
  id: `a:${name}`,
  kind: "registry.entry",
  meta: {},
  data: { text, bytes: new Uint8Array([1, 2]), big: 12345678901234567890n },
  root: "/",
});

/** A history of random changes, each from a version that was there, with what each version held. */
function grow(
  history: History,
  plan: readonly { readonly from: number; readonly to: readonly string[] }[],
): EntryMap[] {
  const states: EntryMap[] = [new Map()];
  history.append({ id: 0, previous: undefined, at: 0, changes: 0, steps: [] });
  for (const { from, to } of plan) {
    const id = states.length;
    const previous = from % id;
    const wanted = new Map(to.map((name, index) => [`a:${name}`, entry(name, `${id}.${index}`)]));
    const before = states[previous] ?? new Map();
    const { entries, steps } = applyChanges(before, diffEntries(viewsOf(before), wanted), "/");
    history.append({ id, previous, at: id, changes: steps.length, steps });
    states.push(entries);
  }
  return states;
}

const plans = fc.array(
  fc.record({ from: fc.nat(20), to: fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"), { maxLength: 4 }) }),
  { minLength: 1, maxLength: 12 },
);

describe.each([
  ["in memory", () => new MemoryHistory(1_000)],
  ["in a file", () => new SqliteHistory(newFile())],
])("a history %s", (_name, open) => {
  test("leads from every version to every other", () => {
    fc.assert(
      fc.property(plans, fc.nat(20), fc.nat(20), (plan, a, b) => {
        using history = open();
        const states = grow(history, plan);
        const [from, to] = [a % states.length, b % states.length];
        const there = takeSteps(states[from] ?? new Map(), stepsBetween(history, from, to));
        const byId = (map: EntryMap): [string, StoredEntry][] =>
          [...viewsOf(map)].toSorted(([x], [y]) => (x < y ? -1 : 1));
        expect(byId(there)).toEqual(byId(states[to] ?? new Map()));
      }),
      { numRuns: 60 },
    );
  });

  test("refuses a version that it does not have", () => {
    using history = open();
    grow(history, []);
    expect(() => stepsBetween(history, 0, 3)).toThrow(expect.objectContaining({ code: "VERSION_NOT_FOUND" }));
  });
});

describe("histories", () => {
  test("in memory forget their oldest versions", () => {
    using history = new MemoryHistory(3);
    grow(
      history,
      [1, 2, 3, 4].map((from) => ({ from: from - 1, to: [`${from}`] })),
    );
    expect(history.list().map(({ id }) => id)).toEqual([2, 3, 4]);
    expect(() => stepsBetween(history, 4, 1)).toThrow(expect.objectContaining({ code: "VERSION_NOT_FOUND" }));
    expect(stepsBetween(history, 4, 2)).toHaveLength(2);
  });

  test("in a file are there when it is opened again", () => {
    const file = newFile();
    using first = new SqliteHistory(file);
    grow(first, [{ from: 0, to: ["a"] }]);
    const [kept] = first.get(1).steps;
    using again = new SqliteHistory(file);
    expect(again.list()).toEqual(first.list());
    expect(again.get(1).steps).toEqual([kept]);
    expect(kept?.after?.data).toEqual(entry("a", "1.0").data);
  });

  test("of another layout are refused", () => {
    const file = newFile();
    new SqliteHistory(file)[Symbol.dispose]();
    const database = new DatabaseSync(file);
    database.exec("PRAGMA user_version = 99");
    database.close();
    expect(() => new SqliteHistory(file)).toThrow(expect.objectContaining({ code: "UNSUPPORTED" }));
  });
});

describe("steps", () => {
  const step = (before: string | undefined, after: string | undefined): Step => ({
    id: "a:x",
    before: before === undefined ? undefined : entry("x", before),
    after: after === undefined ? undefined : entry("x", after),
  });

  test.each([
    ["create and update is create", [step(undefined, "1"), step("1", "2")], [step(undefined, "2")]],
    ["create and delete is nothing", [step(undefined, "1"), step("1", undefined)], []],
    ["update and delete is delete", [step("1", "2"), step("2", undefined)], [step("1", undefined)]],
    ["delete and create is update", [step("1", undefined), step(undefined, "2")], [step("1", "2")]],
    ["update and update is the last", [step("1", "2"), step("2", "3")], [step("1", "3")]],
  ])("are squashed: %s", (_name, steps, expected) => {
    expect(squash(steps)).toEqual(expected);
  });
});

describe("changes on paper", () => {
  const none: EntryMap = new Map();

  test("build on each other in their order", () => {
    const changes: Change[] = [
      { op: "create", entry: { id: "a:x", kind: "k" } },
      { op: "update", entry: { id: "a:x", kind: "l", meta: { m: 1 } } },
      { op: "create", entry: { id: "a:y", kind: "k" } },
      { op: "delete", id: "a:y" },
    ];
    const { entries, steps, problems } = applyChanges(none, changes, "/app");
    expect(problems).toEqual([]);
    expect(steps).toEqual([
      { id: "a:x", before: undefined, after: { id: "a:x", kind: "l", meta: { m: 1 }, data: {}, root: "/app" } },
    ]);
    expect([...entries.keys()]).toEqual(["a:x"]);
  });

  test.each([
    ["an id without a namespace", { op: "create", entry: { id: "x", kind: "k" } }, "INVALID_ID"],
    ["no kind", { op: "create", entry: { id: "a:x", kind: "" } }, "INVALID_ARGUMENT"],
  ] as const)("refuse %s", (_name, change, code) => {
    expect(() => applyChanges(none, [change], "/")).toThrow(expect.objectContaining({ code }));
  });
});
