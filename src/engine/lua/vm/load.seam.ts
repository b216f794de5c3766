// Loads a copy of fengari that belongs to this program alone, so that patching it changes no stock fengari elsewhere.
import { createRequire } from "node:module";
import { dirname, sep } from "node:path";

const load = createRequire(import.meta.url);

/** The only version whose inner shapes this folder knows. */
const knownVersion = "0.1.5";

const folder = `${dirname(load.resolve("fengari/package.json"))}${sep}`;
const own = new Map<string, NodeModule>();

checkVersion();

/** A module of the private copy, as `lstring` or `lapi`; the first use loads it, with everything patched so far in place. */
export function loadPrivate(name: string): any {
  const path = name === "fengari" ? "fengari" : `fengari/src/${name}.js`;
  const stock = take();
  for (const [file, module] of own) load.cache[file] = module;
  try {
    return load(path);
  } finally {
    for (const [file, module] of take()) own.set(file, module);
    for (const [file, module] of stock) load.cache[file] = module;
  }
}

/** Takes what is loaded of fengari out of the cache of modules. */
function take(): Map<string, NodeModule> {
  const taken = new Map<string, NodeModule>();
  for (const [file, module] of Object.entries(load.cache)) {
    if (module === undefined || !file.startsWith(folder)) continue;
    taken.set(file, module);
    delete load.cache[file];
  }
  return taken;
}

function checkVersion(): void {
  const { version } = load("fengari/package.json");
  if (version === knownVersion) return;
  throw new Error(
    `The Lua interpreter is made of fengari ${knownVersion}; installed is ${version}. Install that version.`,
  );
}

/** Fails unless each name is a function of the module: the patches rely on its shape. */
export function checkFunctions(moduleName: string, module: Record<string, unknown>, names: readonly string[]): void {
  const missing = names.filter((name) => typeof module[name] !== "function");
  if (missing.length === 0) return;
  throw new Error(
    `fengari's ${moduleName} has no ${missing.join(", ")}: the Lua interpreter needs fengari ${knownVersion}.`,
  );
}
