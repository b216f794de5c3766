import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { diagnosticCodes } from "../../../src/registry/diagnostic-codes.ts";

const repository = fileURLToPath(new URL("../../..", import.meta.url));

/** Every TypeScript and YAML file of a folder as one text, but for the table of codes and this test of it. */
function textOf(folder: string): string {
  return readdirSync(join(repository, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => /\.(ts|yaml)$/.test(path) && !/diagnostic-codes(\.test)?\.ts$/.test(path))
    .map((path) => readFileSync(join(repository, folder, path), "utf8"))
    .join("\n");
}

const code = `${textOf("src/registry")}\n${textOf("src/kinds")}`;
const tests = textOf("test");

test.each(Object.keys(diagnosticCodes))("%s is given somewhere, and tested somewhere", (name) => {
  expect(code).toContain(`"${name}"`);
  expect(tests).toMatch(new RegExp(`\\b${name}\\b`));
});

test.each(Object.entries(diagnosticCodes))("%s is explained in a sentence", (_, help) => {
  expect(help).toMatch(/^[A-Z`].*\.$/);
});
