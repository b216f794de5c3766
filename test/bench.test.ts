import { expect, test, vi } from "vitest";
import { benches } from "../bench/index.ts";
import { onlySmoke } from "../bench/harness.ts";

/** Those that take neither seconds nor a toolchain when everything runs once. What they measure is not looked at. */
const cheap = ["B1", "B2", "B3", "B4", "B5", "B7b", "B8", "B9"] as const;

test.each(cheap)("benchmark %s runs", async (name) => {
  onlySmoke();
  const print = vi.spyOn(console, "log").mockReturnValue(undefined);
  try {
    const { bench } = await benches[name]();
    await bench();
    expect(print.mock.calls.flat().join("\n")).toMatch(/^\n### B\d/);
  } finally {
    print.mockRestore();
  }
});
