import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { LoadedApp } from "../../boot/app.ts";
import { didYouMean, nearestNames } from "../../core/nearest.ts";
import { CommandError, exitCodes, type Command } from "../contract.ts";
import { openApp, packageRoot, settingOptions } from "../open-app.ts";

export const readme: Command = {
  name: "readme",
  aliases: [],
  group: "Look",
  summary: "print what a module of the app says of itself, or Weft's own README",
  description:
    "With a name: the `readme` of the module whose ns.definition has this id, or is in this namespace. Without: Weft's README.md.",
  arguments: [{ name: "[module]", summary: "a namespace, or the id of an ns.definition" }],
  options: settingOptions,
  examples: [
    { line: "weft readme", does: "Weft's own" },
    { line: "weft readme acme.billing", does: "of a module of the app" },
  ],
  passesOptions: false,
  async run(input, screen) {
    const [name] = input.words;
    if (name === undefined) {
      const file = join(packageRoot, "README.md");
      if (!existsSync(file))
        throw new CommandError("FILE_NOT_FOUND", "this build has no README.md", "`weft --help` tells more.");
      const text = await readFile(file, "utf8");
      screen.result({ name: "weft", readme: text }, () => text.trimEnd());
      return exitCodes.ok;
    }
    const { app } = await openApp(input, screen, { compile: false });
    const { id, text } = readmeOf(app, name);
    screen.result({ name: id, readme: text }, () => text.trimEnd());
    return exitCodes.ok;
  },
};

function readmeOf({ registry }: LoadedApp, name: string): { readonly id: string; readonly text: string } {
  const modules = registry.entries.map(({ entry }) => entry).filter(({ kind }) => kind === "ns.definition");
  const found = modules.find(({ id }) => id === name || id.startsWith(`${name}:`));
  if (found === undefined) {
    const names = modules.flatMap(({ id }) => [id, id.slice(0, id.indexOf(":"))]);
    const help = didYouMean(nearestNames(name, names)) ?? "A module is described by an entry of kind ns.definition.";
    throw new CommandError("ENTRY_NOT_FOUND", `the app has no module ${name}`, help);
  }
  const text = found.data["readme"];
  if (typeof text !== "string") {
    throw new CommandError("FILE_NOT_FOUND", `${found.id} has no readme`, "Give it `readme: file://README.md`.");
  }
  return { id: found.id, text };
}
