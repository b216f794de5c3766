import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const text = (path: string): string => readFileSync(join(root, path), "utf8");

/** What tests are written in: TypeScript, cases with their entries, and guests. Guests' copies of our WIT do not count. */
const written = globSync("test/{unit,cli,specs,guests}/**/*.{ts,yaml,rs,c,wat}", { cwd: root }).map(text);

/** The functions of our packages, methods by their own names. */
const functions = globSync("wit/*/*.wit", { cwd: root }).flatMap((path) => {
  const [, name = ""] = /^package ([\w:-]+)/m.exec(text(path)) ?? [];
  return text(path)
    .split(/^interface /m)
    .slice(1)
    .flatMap((body) => {
      const [, from = ""] = /^([\w-]+)/.exec(body) ?? [];
      return [...body.matchAll(/^ +([\w-]+): (?:static )?func/gm)].map(([, func = ""]) => ({ name, from, func }));
    });
});

test("there are functions of ours to test", () => {
  expect(functions.length).toBeGreaterThan(20);
});

describe("every function of wit/ is named by a test or a guest that names its interface", () => {
  test.each(functions)("$name/$from $func", ({ from, func }) => {
    const camel = func.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    const names = new RegExp(`\\b(?:${[func, camel, func.replaceAll("-", "_")].join("|")})\\b`);
    const about = written.filter((each) => new RegExp(`runtime(?:::|/)${from}\\b`).test(each));
    expect(about.filter((each) => names.test(each)).length).toBeGreaterThan(0);
  });
});
