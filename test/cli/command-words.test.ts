import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { folderWith, weft, type Folder } from "./weft.ts";

const guest = (path: string): Buffer => readFileSync(new URL(`../guests/${path}`, import.meta.url));
const programs = { core: guest("rust/run/run-p1.wasm"), component: guest("rust/run/run-p2.wasm") };

const entry = (name: keyof typeof programs, more: string): string => `
  - name: ${name}
    kind: process.wasm
    source: file://${name}.wasm
    hash: "sha256:${createHash("sha256").update(programs[name]).digest("hex")}"
    ${more}
    meta: { command: { name: ${name} } }`;

async function appWith(compat: "weft" | "wippy"): Promise<Folder> {
  return folderWith({
    "weft.yaml": `name: words\ncompat: ${compat}\n`,
    "registry/core.wasm": programs.core,
    "registry/component.wasm": programs.component,
    "registry/_index.yaml": `
version: "1.0"
namespace: app
entries:
  - name: terminal
    kind: terminal.host${entry("core", "method: _start")}${entry("component", 'method: run\n    imports: ["wasi:cli", "wasi:io", "wasi:poll"]')}
`,
  });
}

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
    app = await appWith(compat);
  });
  afterAll(async () => app[Symbol.asyncDispose]());

  test(`finds ${words.join(" ")} as its arguments`, async () => {
    const { code, stdout } = await weft(["run", command, ...words], { cwd: app.path });
    expect(stdout).toBe("hello\nGREETING=\n");
    expect(code).toBe(0);
  });
});
