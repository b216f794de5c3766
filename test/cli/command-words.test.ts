import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { programsApp } from "./programs.ts";
import { weft, type Folder } from "./weft.ts";

const programs = { core: "rust/run/run-p1.wasm", component: "rust/run/run-p2.wasm" };

// The guest skips the first of its arguments, as every program does that takes it for its own name.
describe.each([
  { compat: "weft", command: "core", words: ["echo", "hello"] },
  { compat: "weft", command: "component", words: ["echo", "hello"] },
  { compat: "wippy", command: "core", words: ["echo", "hello"] },
  // As the other format has it: the words are all there is.
  { compat: "wippy", command: "component", words: ["itself", "echo", "hello"] },
] as const)("a $command command under compat: $compat", ({ compat, command, words }) => {
  let app: Folder;
  beforeAll(async () => {
    app = await programsApp(`name: words\ncompat: ${compat}\n`, programs);
  });
  afterAll(async () => app[Symbol.asyncDispose]());

  test(`finds ${words.join(" ")} as its arguments`, async () => {
    const { code, stdout } = await weft(["run", command, ...words], { cwd: app.path });
    expect(stdout).toBe("hello\nGREETING=\n");
    expect(code).toBe(0);
  });
});
