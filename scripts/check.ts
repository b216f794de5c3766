/** `npm run check`: everything that must hold before a commit, with the time it took. */
import { spawnSync } from "node:child_process";

const steps: readonly (readonly [name: string, ...command: string[]])[] = [
  ["types", "tsc", "--noEmit", "-p", "tsconfig.json"],
  ["lint", "oxlint", "--type-aware", "--deny-warnings"],
  ["unused", "knip"],
  ["format", "oxfmt", "--check"],
  ["tests", "vitest", "run"],
];

const started = performance.now();
const failed: string[] = [];
for (const [name, command = "", ...args] of steps) {
  const stepStarted = performance.now();
  const { status } = spawnSync(command, args, { stdio: "inherit" });
  const seconds = ((performance.now() - stepStarted) / 1_000).toFixed(1);
  console.log(`check ${name}: ${status === 0 ? "ok" : "FAILED"} in ${seconds} s`);
  if (status !== 0) failed.push(name);
}
console.log(`check took ${((performance.now() - started) / 1_000).toFixed(1)} s`);
if (failed.length > 0) {
  console.error(`failed: ${failed.join(", ")}`);
  process.exitCode = 1;
}
