import { existsSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { bytesText, counted } from "../columns.ts";
import { exitCodes, UsageError, type Command } from "../contract.ts";
import { appDirectory } from "../open-app.ts";

export const cache: Command = {
  name: "cache",
  aliases: [],
  group: "Make",
  summary: "show or clear the app's compiled programs",
  description:
    "Compiled forms of the app's programs are kept in .weft/cache under its root, by content: they never go stale, and can always be removed.",
  arguments: [{ name: "[action]", summary: "show (default) or clear" }],
  options: [],
  examples: [
    { line: "weft cache", does: "where it is and how big" },
    { line: "weft cache clear", does: "remove it; the next start compiles everything" },
  ],
  passesOptions: false,
  async run(input, screen) {
    const action = input.words[0] ?? "show";
    if (action !== "show" && action !== "clear") {
      throw new UsageError(`weft cache cannot "${action}"`, "Use `weft cache show` or `weft cache clear`.");
    }
    const { readConfig } = await import("../../boot/config.ts");
    const { cacheDir } = await readConfig(await appDirectory(input, false));
    const { files, bytes } = await measure(cacheDir);
    if (action === "clear") await rm(cacheDir, { recursive: true, force: true });
    const cleared = action === "clear" ? "removed " : "";
    screen.result({ directory: cacheDir, files, bytes, cleared: action === "clear" }, () =>
      files === 0 ? `${cacheDir} is empty` : `${cleared}${cacheDir}: ${counted(files, "file")}, ${bytesText(bytes)}`,
    );
    return exitCodes.ok;
  },
};

async function measure(directory: string): Promise<{ readonly files: number; readonly bytes: number }> {
  if (!existsSync(directory)) return { files: 0, bytes: 0 };
  const found = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = found.filter((item) => item.isFile());
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(file.parentPath, file.name))).size));
  return { files: files.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}
