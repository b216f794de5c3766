import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { columns } from "../columns.ts";
import { exitCodes, type Command } from "../contract.ts";
import { packageRoot } from "../open-app.ts";

const packageSchema = z.looseObject({ version: z.string(), dependencies: z.record(z.string(), z.string()) });

/** The libraries that run guests, by the names people know. */
const engineLibraries: Readonly<Record<string, string>> = {
  fengari: "fengari",
  wabt: "wabt",
  jco: "@bytecodealliance/jco-transpile",
};

export const version: Command = {
  name: "version",
  aliases: [],
  group: "Look",
  summary: "versions of Weft, Node and the engines",
  description: "Shows the versions of Weft, of Node and V8 that run it, and of the engines that run guests.",
  arguments: [],
  options: [],
  examples: [
    { line: "weft version", does: "for a bug report" },
    { line: "weft version --json", does: "for a program" },
  ],
  passesOptions: false,
  async run(_input, screen) {
    const text = await readFile(join(packageRoot, "package.json"), "utf8");
    const { version: weft, dependencies } = packageSchema.parse(JSON.parse(text));
    const { node, v8 } = process.versions;
    const engines = Object.fromEntries(
      Object.entries(engineLibraries).map(([name, library]) => [name, dependencies[library] ?? "unknown"]),
    );
    screen.result({ weft, node, v8, engines }, () =>
      columns(Object.entries({ weft, node, v8, ...engines }).map(([name, value]) => [name, value])),
    );
    return exitCodes.ok;
  },
};
