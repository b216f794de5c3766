import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readWords } from "../../../src/cli/words.ts";
import type { WitFunction, WitType } from "../../../src/wit/types.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-words-"));
  await writeFile(join(folder, "line.txt"), "two words\n");
  await writeFile(join(folder, "list.json"), "[1, 2]\n");
});
afterAll(async () => rm(folder, { recursive: true }));

const taking = (...types: WitType[]): { id: string; signature: WitFunction } => ({
  id: "app:f",
  signature: { name: "f", params: types.map((type, index) => ({ name: `p${index}`, type })) },
});

test("words follow the callee's types", async () => {
  expect(await readWords(["7", "7"], taking({ kind: "s32" }, { kind: "string" }))).toEqual([7, "7"]);
});

test("without types a word is JSON, or else text", async () => {
  expect(await readWords(["7", '{"a":1}', "seven"], { id: "app:f", signature: undefined })).toEqual([
    7,
    { a: 1 },
    "seven",
  ]);
});

test("@file is the contents less one newline, and every byte for list<u8>", async () => {
  const bytes: WitType = { kind: "list", element: { kind: "u8" } };
  const file = `@${join(folder, "line.txt")}`;
  const [text, raw] = await readWords([file, file], taking({ kind: "string" }, bytes));
  expect(text).toBe("two words");
  expect(raw).toEqual(new TextEncoder().encode("two words\n"));
  const numbers: WitType = { kind: "list", element: { kind: "u16" } };
  expect(await readWords([`@${join(folder, "list.json")}`], taking(numbers))).toEqual([[1, 2]]);
});

test("@@ begins a text with @", async () => {
  expect(await readWords(["@@ada"], taking({ kind: "string" }))).toEqual(["@ada"]);
});

test("a file that is missing, stdin twice, and a wrong word are errors of the caller", async () => {
  await expect(readWords(["@/nowhere/at/all"], taking({ kind: "string" }))).rejects.toMatchObject({
    code: "FILE_NOT_FOUND",
  });
  await expect(readWords(["-", "-"], taking())).rejects.toThrow("only one argument can come from stdin");
  await expect(readWords(["x"], taking({ kind: "s32" }))).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});
