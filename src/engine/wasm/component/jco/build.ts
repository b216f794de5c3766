import { readFileSync } from "node:fs";
import { join } from "node:path";
import { WeftError } from "../../../../core/errors.ts";
import { InvalidModuleError } from "../../binary/invalid-module.ts";
import { sha256 } from "../../hash.ts";
import { limitModules } from "../../limits/prepare.ts";
import type { ComponentArtefact } from "../../program.ts";
import type { BuildOptions, ComponentBuilder, ComponentSource } from "../engine.ts";
import { parseFunctionName, withoutVersion } from "../names.ts";
import { readCached, writeCached } from "./cache.ts";
import { prepareGlue } from "./glue-text.ts";
import { ToolError, type SuspendingFunctions, type ToolFiles } from "./tool.ts";
import { toolchain } from "./toolchain.ts";

/** Part of the cache's key: what jco makes. */
export const engineVersion = "jco-transpile 0.15.0, glue by its hash";

let version: string | undefined;

/** What we make of jco's glue: the hash of the code that does, so that nobody has to remember to raise a number. */
function glueVersion(): string {
  const file = join(import.meta.dirname, `glue-text${import.meta.filename.slice(-3)}`);
  version ??= sha256(readFileSync(file));
  return version;
}

/** Runs components as modules that jco's transpiler joins with JavaScript. */
export const jcoBuilder: ComponentBuilder = { engine: "jco", build };

async function build(source: ComponentSource, options: BuildOptions): Promise<ComponentArtefact> {
  const suspending = findSuspending(source, options.suspending);
  const key = sha256(JSON.stringify([sha256(source.bytes), engineVersion, glueVersion(), suspending ?? null]));
  const { cacheDir, log } = options;
  const files = await once(key, () => findOrTranspile(source, { key, suspending, cacheDir, log })).catch(
    (thrown: unknown) => {
      throw explain(thrown, source.name);
    },
  );
  const glue = files["component.js"];
  if (glue === undefined) throw new Error("the transpiler made no glue");
  const parts = Object.fromEntries(Object.entries(files).filter(([name]) => name.endsWith(".wasm")));
  return {
    engine: "jco",
    source: Buffer.from(glue).toString("utf8"),
    ...limitModules(parts, { name: source.name, limits: options.limits, cache: { cacheDir, log } }),
    suspending: suspending !== undefined,
  };
}

const running = new Map<string, Promise<ToolFiles>>();

/** Entries that name the same component at the same time share one transpilation. */
async function once(key: string, make: () => Promise<ToolFiles>): Promise<ToolFiles> {
  let files = running.get(key);
  if (files === undefined) {
    files = make().finally(() => running.delete(key));
    running.set(key, files);
  }
  return await files;
}

interface Transpilation extends Pick<BuildOptions, "cacheDir" | "log"> {
  readonly key: string;
  readonly suspending: SuspendingFunctions | undefined;
}

async function findOrTranspile(source: ComponentSource, wanted: Transpilation): Promise<ToolFiles> {
  const { key, suspending, cacheDir, log } = wanted;
  const cached = cacheDir === undefined ? undefined : await readCached(cacheDir, key, log);
  if (cached !== undefined) return cached;
  const files = await transpile(source.bytes, suspending);
  if (cacheDir !== undefined) await writeCached({ cacheDir, key, files, log });
  return files;
}

async function transpile(bytes: Uint8Array, suspending: SuspendingFunctions | undefined): Promise<ToolFiles> {
  const files = await toolchain.run({ kind: "transpile", bytes, suspending });
  const glue = files["component.js"];
  if (glue === undefined) throw new ToolError("no glue was made");
  return { ...files, "component.js": Buffer.from(prepareGlue(Buffer.from(glue).toString("utf8"))) };
}

/** What an author is told when jco refuses a component. */
function explain(thrown: unknown, name: string): unknown {
  if (!(thrown instanceof ToolError)) return thrown;
  const [, message = thrown.message, offset] = /^(.*?) \(at offset 0x([0-9a-f]+)\)/s.exec(thrown.message) ?? [];
  if (offset !== undefined) return new InvalidModuleError(message, Number.parseInt(offset, 16));
  const text = `${name}: this component cannot be made runnable: ${thrown.message}`;
  return new WeftError("UNSUPPORTED", text, { cause: thrown });
}

/** The functions to link as suspending; undefined when nothing waits, which makes calls cheaper and synchronous. */
function findSuspending(
  { info }: ComponentSource,
  suspends: BuildOptions["suspending"],
): SuspendingFunctions | undefined {
  const imports = [
    ...info.imports.flatMap((item) => {
      const plain = withoutVersion(item.name);
      const waiting = item.functions.filter((signature) => suspends(plain, signature.name));
      return waiting.flatMap(({ name }) => [...new Set([`${plain}#${name}`, `${item.name}#${name}`])]);
    }),
    ...info.importedFunctions.map((item) => item.name).filter((name) => suspends("", name)),
  ];
  const usesAsync = info.unsupported.some((feature) => /async|stream|future|task|thread|waitable/.test(feature));
  if (imports.length === 0 && !usesAsync) return undefined;
  const callable = info.exports.filter(({ name }) => {
    return parseFunctionName(name.slice(name.indexOf("#") + 1)).kind !== "constructor";
  });
  return { imports, exports: callable.map((item) => item.name) };
}
