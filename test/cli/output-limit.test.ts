import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { programsApp } from "./programs.ts";
import { weft, type Folder } from "./weft.ts";

let app: Folder;
beforeAll(async () => {
  const programs = { core: "c/hello/hello.wasm", component: "rust/run/run-p2.wasm" };
  app = await programsApp("name: output\n", programs, "{ max_output_bytes: 12 }");
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
