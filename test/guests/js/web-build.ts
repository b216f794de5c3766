// Builds web/web.js, a hono application, into a component that exports wasi:http/incoming-handler, under .build/js/ (git
// ignores it: 10 s, 12 MB). Tests import `jsWebGuest`, which builds it when it is missing or older than its source.
//   node test/guests/js/web-build.ts
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { componentize } from "@bytecodealliance/componentize-js";
import { rolldown } from "rolldown";

const source = join(import.meta.dirname, "web", "web.js");
const built = join(import.meta.dirname, "..", ".build", "js", "web-hono.wasm");
const jco = dirname(dirname(fileURLToPath(import.meta.resolve("@bytecodealliance/jco"))));
/** The version of WASI that the engine's own handler exports. */
const version = "0.2.10";

/** The path of the hono guest, built now unless a fresh one is there. */
export async function jsWebGuest(): Promise<string> {
  const [made, written] = await Promise.all([built, source].map(async (file) => (await stat(file).catch(() => null))?.mtimeMs));
  if (made !== undefined && written !== undefined && written <= made) return built;
  const folder = await mkdtemp(join(tmpdir(), "weft-js-web-"));
  try {
    const sourcePath = join(folder, "bundle.js");
    const bundle = await rolldown({ input: source });
    await bundle.write({ file: sourcePath, format: "esm" });
    const witPath = join(folder, "wit");
    await writeWit(witPath);
    const { component } = await componentize({ sourcePath, witPath, worldName: "web" });
    await mkdir(dirname(built), { recursive: true });
    // Several test files may build at once: each its own file, and the last one stays.
    await writeFile(`${built}.${process.pid}`, component);
    await rename(`${built}.${process.pid}`, built);
  } finally {
    await rm(folder, { recursive: true });
  }
  return built;
}

/** The world of the guest beside the packages of WASI, which jco brings. */
async function writeWit(to: string): Promise<void> {
  const packages = join(jco, "lib", "wit", "builtin", "0.2.12");
  for (const name of ["wasi-http", "wasi-clocks", "wasi-io"]) {
    const text = await readFile(join(packages, name, "package.wit"), "utf8");
    await mkdir(join(to, "deps", name), { recursive: true });
    await writeFile(join(to, "deps", name, "package.wit"), withoutWorlds(text).replaceAll("0.2.12", version));
  }
  const world = `package weft:js-web@0.1.0;\n\nworld web {\n  export wasi:http/incoming-handler@${version};\n}\n`;
  await writeFile(join(to, "world.wit"), world);
}

/** Worlds name packages that an interface's own types do without. */
function withoutWorlds(text: string): string {
  return text.replaceAll(/^world [^{]*\{[^}]*\}\n/gm, "");
}

if (import.meta.main) console.log(await jsWebGuest());
