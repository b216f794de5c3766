import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { folderWith, weft, type Folder } from "./weft.ts";

const guest = (path: string): Buffer => readFileSync(new URL(`../guests/${path}`, import.meta.url));
const programs = { core: guest("c/hello/hello.wasm"), component: guest("rust/run/run-p2.wasm") };

const entry = (name: keyof typeof programs, more: string): string => `
  - name: ${name}
    kind: process.wasm
    source: file://${name}.wasm
    hash: "sha256:${createHash("sha256").update(programs[name]).digest("hex")}"
    ${more}
    meta: { command: { name: ${name} } }
    limits: { max_output_bytes: 12 }`;

let app: Folder;
beforeAll(async () => {
  app = await folderWith({
    "weft.yaml": "name: output\n",
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
});
afterAll(async () => app[Symbol.asyncDispose]());

/** The words that make each print what it reads; one of them in capitals. */
const words = { core: "cat", component: "upper" } as const;

describe.each(["core", "component"] as const)("weft run of a %s program that may print 12 bytes", (name) => {
  const run = (stdin: string) => weft(["run", name, words[name]], { cwd: app.path, stdin });

  test("lets it print so many", async () => {
    expect(await run("JUST ELEVEN\n")).toEqual({ code: 0, stdout: "JUST ELEVEN\n", stderr: "" });
  });

  test("ends it when it prints more, and says so", async () => {
    const { code, stdout, stderr } = await run("ONE MORE THAN THAT");
    expect(code).toBe(1);
    expect("ONE MORE THAN THAT").toContain(stdout);
    expect(Buffer.byteLength(stdout)).toBeLessThanOrEqual(12);
    expect(stderr).toContain(`app:${name} wrote more than its limit of 12 bytes`);
    expect(stderr).toContain("OUTPUT_EXCEEDED");
    expect(stderr).toContain("limits.max_output_bytes");
  });
});
