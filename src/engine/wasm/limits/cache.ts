import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "../../../core/log.ts";
import { pack, unpack } from "../cached-files.ts";
import { sha256 } from "../hash.ts";
import { budgetOf, type LimitedModule } from "./plan.ts";
import { readPlan, writePlan } from "./stored-plan.seam.ts";
import { rewriteModule, type RewriteOptions } from "./rewrite/rewrite.ts";

/** Where rewritten modules are kept, beside what else the app's cache folder holds. */
export interface ModuleCache {
  readonly cacheDir: string | undefined;
  readonly log: Log;
}

/** Below this size rewriting takes no longer than reading what came of it. In bytes. */
export const leastCached = 65_536;
const subfolder = "modules";

/**
 * Rewrites a module, or reads what came of it when this was done before. What is kept has the content's hash, the
 * rewriter's and V8's version and everything that rewriting depends on for its name, so it is never stale.
 * @throws like `rewriteModule`.
 */
export function rewriteCached(
  bytes: Uint8Array,
  options: RewriteOptions,
  cache: ModuleCache | undefined,
): LimitedModule {
  if (cache?.cacheDir === undefined || bytes.length < leastCached) return rewriteModule(bytes, options);
  const file = join(cache.cacheDir, subfolder, `${keyOf(bytes, options)}.weft`);
  const known = read(file, cache.log);
  if (known !== undefined) return known;
  const made = rewriteModule(bytes, options);
  write(file, made, cache.log);
  return made;
}

function keyOf(
  bytes: Uint8Array,
  { limits, shared = false, realSizes = false, marks = false }: RewriteOptions,
): string {
  const { fuel, stackBytes, exactMemory = false } = limits;
  const depends = [
    budgetOf(limits) ?? null,
    fuel !== undefined,
    stackBytes !== undefined,
    exactMemory,
    shared,
    realSizes,
    marks,
  ];
  return sha256(JSON.stringify([sha256(bytes), rewriterVersion(), process.versions.v8, depends]));
}

let version: string | undefined;

/** What the rewriter is: the hash of its own code, so that nobody has to remember to raise a number. */
function rewriterVersion(): string {
  if (version !== undefined) return version;
  const folder = join(import.meta.dirname, "rewrite");
  const names = readdirSync(folder).filter((name) => /(?<!\.d)\.[jt]s$/.test(name));
  const files = names.toSorted().map((name) => join(folder, name));
  const beside = ["plan", "cards"].map((name) => join(import.meta.dirname, name + import.meta.filename.slice(-3)));
  version = sha256([...files, ...beside].map((file) => sha256(readFileSync(file))).join());
  return version;
}

function read(file: string, log: Log): LimitedModule | undefined {
  let packed: Buffer;
  try {
    packed = readFileSync(file);
  } catch {
    return undefined;
  }
  const files = unpack(packed);
  const [module, plan] = [files?.["module.wasm"], files?.["plan.json"]];
  if (module !== undefined && plan !== undefined) {
    return { bytes: new Uint8Array(module), ...readPlan(plan) };
  }
  log.warn("a damaged file in the module cache is made again", { file });
  removeIfThere(file);
  return undefined;
}

/** The file appears whole or not at all, whoever else writes it at the same time. */
function write(file: string, { bytes, plan, resizesGiven, writes }: LimitedModule, log: Log): void {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(temporary, pack({ "module.wasm": bytes, "plan.json": writePlan({ plan, resizesGiven, writes }) }));
    renameSync(temporary, file);
  } catch (thrown) {
    const reason = thrown instanceof Error && "code" in thrown ? String(thrown.code) : String(thrown);
    log.warn("the module cache cannot be written", { reason });
    removeIfThere(temporary);
  }
}

function removeIfThere(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Where nothing can be written, nothing was.
  }
}
