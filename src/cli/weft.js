#!/usr/bin/env node
// The door of the command line. Plain JavaScript that Node 20 can parse: it finds a Node that can run Weft.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import module, { createRequire } from "node:module";
import { delimiter, dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** Guests suspend through JSPI, which Node has without a flag since this version. */
const leastMajor = 26;

const here = dirname(fileURLToPath(import.meta.url));
const isClone = existsSync(join(here, "main.ts")) && !here.includes(`${sep}node_modules${sep}`);
const main = isClone ? join(here, "main.ts") : join(here, "..", "..", "dist", "cli", "main.js");

if (major(process.versions.node) >= leastMajor) {
  module.enableCompileCache();
  await import(main);
} else {
  const node = findNode();
  if (node === undefined) {
    process.stderr.write(
      `weft needs Node ${leastMajor} or newer; this is Node ${process.versions.node}.\n` +
        `Install it with your version manager, or beside your project: npm install --save-dev node@${leastMajor}\n`,
    );
    process.exit(1);
  }
  runUnder(node);
}

function major(version) {
  return Number.parseInt(version, 10);
}

/** A suitable Node: the npm package `node` near Weft or the working directory, else one on the PATH. */
function findNode() {
  const installed = [here, process.cwd()].flatMap((from) => {
    try {
      const root = dirname(createRequire(join(from, "x.js")).resolve("node/package.json"));
      return [join(root, "bin", "node")];
    } catch {
      return [];
    }
  });
  const onPath = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "node"));
  return [...installed, ...onPath].find((candidate) => {
    if (!existsSync(candidate)) return false;
    const { stdout } = spawnSync(candidate, ["--version"], { encoding: "utf8" });
    return major((stdout ?? "").replace(/^v/, "")) >= leastMajor;
  });
}

/** Runs the program in a child: same terminal, same signals, same exit code. */
function runUnder(node) {
  const child = spawn(node, [...process.execArgv, main, ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? (signal === "SIGINT" ? 130 : 1);
  });
}
