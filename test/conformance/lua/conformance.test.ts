import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { deviations } from "./deviations.ts";
import { hasPuc, inProcess, run, runPuc, type Chunk, type InProcess } from "./interpreters.seam.ts";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "latin1");
const areas = readdirSync(new URL("cases", import.meta.url)).map((file) => file.replace(/\.lua$/, ""));

/** The two chunks of an area: what every file starts with, and its cases. Sources are UTF-8. */
function chunks(area: string): [Chunk, Chunk] {
  const source = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
  return [
    { name: "=prelude", source: source("prelude.lua") },
    { name: `=${area}`, source: source(`cases/${area}.lua`) },
  ];
}

/** Lines `name: outcome` by name. */
function byName(lines: readonly string[]): Map<string, string> {
  return new Map(
    lines.map((line) => {
      const end = line.indexOf(": ");
      return [line.slice(0, end), line.slice(end + 2)];
    }),
  );
}

/** What PUC Lua 5.3.6 printed; `record.ts` writes it. */
function expected(area: string): Map<string, string> {
  return byName(read(`expected/${area}.txt`).split("\n").slice(0, -1));
}

function listed(which: InProcess, area: string) {
  const all = deviations[which][area] ?? [];
  const names = (of: typeof all) => of.flatMap(({ cases }) => (Array.isArray(cases) ? cases : Object.keys(cases)));
  const pinned = all.flatMap(({ cases }) => (Array.isArray(cases) ? [] : Object.entries(cases)));
  return { differing: names(all), hanging: new Set(names(all.filter(({ hangs }) => hangs))), pinned };
}

describe.each(inProcess)("on the %s interpreter", (which) => {
  test.each(areas)("%s are as in PUC Lua 5.3, but for what is listed", (area) => {
    const { differing, hanging, pinned } = listed(which, area);
    const printed = byName(run(which, chunks(area), hanging));
    const wrong: Record<string, string> = {};
    const right: Record<string, string> = {};
    for (const [name, outcome] of expected(area)) {
      if (differing.includes(name) || printed.get(name) === outcome) continue;
      right[name] = outcome;
      wrong[name] = printed.get(name) ?? "nothing was printed";
    }
    expect(wrong).toEqual(right);
    const mended = differing.filter((name) => printed.get(name) === expected(area).get(name));
    expect(mended, "take these off the list").toEqual([]);
    for (const [name, outcome] of pinned) expect(printed.get(name), name).toBe(outcome);
  });
});

test.each(inProcess)("the list of the %s interpreter names cases that there are", (which) => {
  for (const area of Object.keys(deviations[which])) {
    const { differing } = listed(which, area);
    expect([...expected(area).keys()]).toEqual(expect.arrayContaining(differing));
  }
});

test.each(areas)("every case of %s is stored under a name of its own", (area) => {
  const names = [...chunks(area)[1].source.matchAll(/^case\("([^"]+)"/gm)].map((match) => match[1]);
  expect([...expected(area).keys()]).toEqual(names);
});

test.skipIf(!hasPuc).each(areas)("what is stored of %s is what PUC Lua 5.3 prints here", (area) => {
  expect(byName(runPuc(chunks(area)))).toEqual(expected(area));
});
