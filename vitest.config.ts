import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // What is waited for comes soon on a quiet machine, and at all on a busy one.
    expect: { poll: { timeout: 20_000 } },
    include: ["test/**/*.test.ts"],
    // Real threads and real compilers: a cold component transpile alone takes a second on a busy machine.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    pool: "forks",
    // Every core: the default leaves one idle, which on two cores is half of the machine.
    maxWorkers: "100%",
  },
});
