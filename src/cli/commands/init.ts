import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { CommandError, exitCodes, type Command } from "../contract.ts";
import { starterFiles } from "../starter.ts";
import { schemaText } from "./schema.ts";

export const init: Command = {
  name: "init",
  aliases: [],
  group: "Make",
  summary: "start a new app: configuration, a function in WAT, one in Lua, a test",
  description: "Writes a small working app into a folder (default: the working directory). Never overwrites a file.",
  arguments: [{ name: "[dir]", summary: "the folder; made when it does not exist" }],
  options: [],
  examples: [
    { line: "weft init hello && cd hello && weft test", does: "a new app that passes its test" },
    { line: "weft init", does: "here" },
  ],
  passesOptions: false,
  async run(input, screen) {
    const directory = resolve(input.words[0] ?? input.text("app") ?? ".");
    refuseApp(directory);
    const namespace = namespaceOf(basename(directory));
    const files = besideIgnores(directory, {
      ...starterFiles(namespace),
      "registry/index.schema.json": await schemaText(),
    });
    const taken = Object.keys(files).filter((file) => existsSync(join(directory, file)));
    if (taken.length > 0) {
      const help = "Name another folder, or move these files away: `weft init` never overwrites.";
      throw new CommandError(
        "INVALID_ARGUMENT",
        `${directory} already has ${taken.join(", ")}; nothing was written`,
        help,
      );
    }
    for (const [file, text] of Object.entries(files)) {
      const path = join(directory, file);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text, { flag: "wx" });
    }
    screen.result({ directory, namespace, files: Object.keys(files) }, () => {
      const where = relative(process.cwd(), directory);
      const enter = where === "" ? [] : [`  cd ${where}`];
      const next = [`  weft test`, `  weft call ${namespace}:add 6 7`, `  weft call ${namespace}:greet Ada`];
      return [`wrote ${Object.keys(files).join(", ")}`, "", "Next:", ...enter, ...next].join("\n");
    });
    return exitCodes.ok;
  },
};

/** Files of apps in the other format, which run as they are. */
const appMarks = ["wippy.lock", ".wippy.yaml", "src/_index.yaml"];

/** A second app beside one that is there would be run in its place. */
function refuseApp(directory: string): void {
  const mark = appMarks.find((file) => existsSync(join(directory, file)));
  if (mark === undefined) return;
  throw new CommandError(
    "INVALID_ARGUMENT",
    `${directory} holds an app already: it has ${mark}; nothing was written`,
    "It runs as it is: try `weft check` there. For a new app name another folder.",
  );
}

/** A `.gitignore` that is there stays as it is. */
function besideIgnores(directory: string, files: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { ".gitignore": _, ...others } = files;
  return existsSync(join(directory, ".gitignore")) ? others : files;
}

/** A namespace from a folder's name: letters, digits, `_` and `-`, beginning with a letter. */
function namespaceOf(folder: string): string {
  const plain = folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, "_")
    .replace(/^[^a-z]+/, "")
    .replace(/[_-]+$/, "");
  return plain === "" ? "app" : plain;
}
