import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { Log } from "../../../src/core/log.ts";
import { createRuntime } from "../../../src/index.ts";

const guest = fileURLToPath(new URL("../../guests/rust/run/run-p1.wasm", import.meta.url));

test("what a WebAssembly process prints on a process.host is a line of the log, with its pid", async () => {
  const app = mkdtempSync(join(tmpdir(), "weft-output-"));
  const hash = createHash("sha256").update(readFileSync(guest)).digest("hex");
  writeFileSync(join(app, "weft.yaml"), "src: .\n");
  writeFileSync(
    join(app, "_index.yaml"),
    `
namespace: o
entries:
  - { name: host, kind: process.host }
  - { name: guests, kind: fs.directory, directory: ${JSON.stringify(dirname(guest))} }
  - { name: run, kind: process.wasm, fs: guests, path: run-p1.wasm, hash: "sha256:${hash}" }
`,
  );
  const lines: { readonly message: string; readonly fields: Readonly<Record<string, unknown>> }[] = [];
  const ignore = (): void => undefined;
  const log: Log = {
    debug: ignore,
    info: (message, fields = {}) => void lines.push({ message, fields }),
    warn: ignore,
    error: ignore,
  };
  try {
    await using runtime = await createRuntime({ app, isolates: 1, log });
    expect(await runtime.exec("o:run", "o:host", ["echo", "hello", "log"])).toBe(0);
    await expect
      .poll(() => lines.find(({ message }) => message === "hello log")?.fields)
      .toMatchObject({
        id: "o:run",
        pid: expect.stringContaining("{o:host|"),
        stream: "stdout",
      });
  } finally {
    rmSync(app, { recursive: true });
  }
});
