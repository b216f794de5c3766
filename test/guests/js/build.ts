// Builds app.js into components under .build/js/, which git ignores: the first takes 10 s and is 12 MB, the second 1.6 MB.
//   node test/guests/js/build.ts [starlingmonkey] [quickjs] [--force]
// Tests import `jsGuest`, which builds what is missing or older than its source.
import { execFile } from "node:child_process";
import { mkdir, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { componentize } from "@bytecodealliance/componentize-js";

const run = promisify(execFile);
const source = join(import.meta.dirname, "app", "app.js");
const wit = join(import.meta.dirname, "app", "app.wit");
const outFolder = join(import.meta.dirname, "..", ".build", "js");
const jco = join(dirname(fileURLToPath(import.meta.resolve("@bytecodealliance/jco"))), "jco.js");

const engines = {
  async starlingmonkey(to: string): Promise<void> {
    const options = { sourcePath: source, witPath: wit, worldName: "waiting-app" };
    const { component } = await componentize({ ...options, disableFeatures: ["http", "fetch-event", "random"] });
    await writeFile(to, component);
  },
  async quickjs(to: string): Promise<void> {
    const backend = ["--backend", "quickjs", "--backend-qjs-disable-async"];
    await run(process.execPath, [jco, "componentize", source, "--wit", wit, "-n", "app", "-o", to, ...backend]);
  },
};

/** The engines that can carry the JavaScript guest. */
export type JsEngine = keyof typeof engines;

/** The path of the JavaScript guest as a component, built now unless a fresh one is there. */
export async function jsGuest(engine: JsEngine, { force = false } = {}): Promise<string> {
  const path = join(outFolder, `app-${engine}.wasm`);
  if (!force && (await isFresh(path))) return path;
  await mkdir(outFolder, { recursive: true });
  // Several test files may build at once: each its own file, and the last one stays.
  const draft = `${path}.${process.pid}`;
  await engines[engine](draft);
  await rename(draft, path);
  return path;
}

async function isFresh(path: string): Promise<boolean> {
  const times = await Promise.all(
    [path, source, wit].map(async (file) => (await stat(file).catch(() => null))?.mtimeMs),
  );
  const [built, ...sources] = times;
  return built !== undefined && sources.every((time) => time !== undefined && time <= built);
}

if (import.meta.main) {
  const words = process.argv.slice(2);
  const all: JsEngine[] = ["starlingmonkey", "quickjs"];
  const named = all.filter((engine) => words.includes(engine));
  for (const engine of named.length > 0 ? named : all) {
    console.log(await jsGuest(engine, { force: words.includes("--force") }));
  }
}
