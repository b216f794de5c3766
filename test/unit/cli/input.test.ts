import { expect, test } from "vitest";
import { UsageError } from "../../../src/cli/contract.ts";
import { Input } from "../../../src/cli/input.ts";

const input = (options: Record<string, unknown>): Input => new Input([], options);

test("a time is milliseconds, or has a unit", () => {
  expect(input({ timeout: "500" }).milliseconds("timeout")).toBe(500);
  expect(input({ timeout: "1m30s" }).milliseconds("timeout")).toBe(90_000);
  expect(input({}).milliseconds("timeout")).toBeUndefined();
});

test.each(["0", "-5", "soon", "5 s", ""])("a time cannot be %j", (timeout) => {
  expect(() => input({ timeout }).milliseconds("timeout")).toThrow(UsageError);
});

test("a count is whole and large enough", () => {
  expect(input({ isolates: "0" }).count("isolates", 0)).toBe(0);
  expect(() => input({ isolates: "0" }).count("isolates", 1)).toThrow('--isolates cannot be "0"');
  expect(() => input({ isolates: "1.5" }).count("isolates", 0)).toThrow(UsageError);
});

test("a choice names the option as it is written", () => {
  const choices = ["human", "json"] as const;
  expect(input({ logFormat: "json" }).choice("logFormat", choices)).toBe("json");
  expect(() => input({ logFormat: "xml" }).choice("logFormat", choices)).toThrow('--log-format cannot be "xml"');
});

test("switches are on, off, or not written", () => {
  expect([input({ json: true }).flag("json"), input({}).flag("json")]).toEqual([true, false]);
  expect([input({ compile: false }).isOff("compile"), input({ compile: true }).isOff("compile")]).toEqual([
    true,
    false,
  ]);
});
