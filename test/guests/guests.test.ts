import { readFileSync, globSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, test } from "vitest";

const folder = import.meta.dirname;
const sizeLimit = 400_000; // What is larger is built on demand, so that a clone stays small.
const index = readFileSync(join(folder, "README.md"), "utf8");
const brokenOnPurpose = ["wat/truncated.wasm"];
const committed = globSync("*/**/*.wasm", { cwd: folder, exclude: [".build/**"] }).filter(
  (path) => !path.startsWith(".build"),
);

const componentLayer = 1;

function layerOf(bytes: Buffer): number {
  return bytes.readUInt16LE(6);
}

describe("committed guests", () => {
  test.each(committed)("%s is small, listed in the index and free of machine paths", (path) => {
    const bytes = readFileSync(join(folder, path));
    expect(bytes.byteLength).toBeLessThan(sizeLimit);
    expect(index).toContain(dirname(path) === "wat" ? basename(path, ".wasm") : basename(path));
    expect(bytes.toString("latin1")).not.toMatch(/\/(root|home|Users|work)\//);
  });

  test.each(committed.filter((path) => !brokenOnPurpose.includes(path)))(
    "%s begins as WebAssembly, and compiles if it is a core module",
    async (path) => {
      const bytes = readFileSync(join(folder, path));
      expect(bytes.subarray(0, 4).toString("latin1")).toBe("\0asm");
      if (layerOf(bytes) !== componentLayer)
        await expect(WebAssembly.compile(bytes)).resolves.toBeInstanceOf(WebAssembly.Module);
    },
  );

  test("guests that are broken on purpose do not compile", async () => {
    const bytes = readFileSync(join(folder, "wat/truncated.wasm"));
    await expect(WebAssembly.compile(bytes)).rejects.toThrow(WebAssembly.CompileError);
  });
});
