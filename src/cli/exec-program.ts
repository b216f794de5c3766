import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join, resolve } from "node:path";
import { isComponent } from "../engine/wasm/binary/preamble.ts";
import { silentLog } from "../core/log.ts";
import type { WasmProgram } from "../engine/wasm/program.ts";
import type { Placement, WasiGrants } from "../registry/placement.ts";
import { WitError } from "../wit/parse/error.ts";
import { findFunction, parseWit } from "../wit/parse/parse.ts";
import type { WitFunction } from "../wit/types.ts";
import { UsageError } from "./contract.ts";

/** A bare file that is to run, with what it may see. */
export interface FileProgram {
  readonly file: string;
  readonly method: string;
  /** WIT text of the method, for core modules. */
  readonly wit: string | undefined;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: WasiGrants["mounts"];
  readonly timeoutMs: number | undefined;
}

/** Compiles a bare file into what an isolate runs. Every host is granted; files and variables only as named. */
export async function prepareFile(bytes: Uint8Array, program: FileProgram): Promise<Placement> {
  const { file, method, wit, args, env, mounts, timeoutMs } = program;
  const id = `exec:${basename(file)}`;
  const { hosts } = await import("../hosts/index.ts");
  const compiled = await compile(bytes, { id, method, wit });
  return {
    id,
    kind: "process.wasm",
    role: "process",
    program: compiled,
    signature: compiled.signature,
    resultForm: "pair",
    imports: hosts.flatMap((host) => host.grants),
    wasi: { args, cwd: "/", env, mounts },
    limits: timeoutMs === undefined ? {} : { executionMs: timeoutMs },
    pool: {
      type: "inline",
      minSlots: 0,
      maxSlots: 1,
      queueLength: Infinity,
      onFull: "wait",
      workerClass: undefined,
      state: "fresh",
    },
    options: {},
    defaultHost: undefined,
  };
}

interface Wanted {
  readonly id: string;
  readonly method: string;
  readonly wit: string | undefined;
}

async function compile(bytes: Uint8Array, { id, method, wit }: Wanted): Promise<WasmProgram> {
  if (isComponent(bytes)) {
    const [{ prepareComponent }, { isSuspending }] = await Promise.all([
      import("../engine/wasm/component/prepare.ts"),
      import("../hosts/index.ts"),
    ]);
    return await prepareComponent(bytes, { name: id, method, cacheDir: userCacheDir(), suspending: isSuspending });
  }
  const { prepareCore } = await import("../engine/wasm/core/prepare.ts");
  return prepareCore(bytes, {
    name: id,
    cache: { cacheDir: userCacheDir(), log: silentLog },
    method,
    signature: wit === undefined ? undefined : readSignature(wit, method),
  });
}

/** The signature of `--wit`. @throws UsageError. */
export function readSignature(wit: string, method: string): WitFunction {
  try {
    const found = findFunction(parseWit(wit), method);
    if (found.kind === "match") return found.function;
  } catch (error) {
    if (!(error instanceof WitError)) throw error;
    throw new UsageError(`--wit: ${error.message}`, "Write it as in WIT: 'greet: func(name: string) -> string;'");
  }
  throw new UsageError(`--wit says nothing about ${method}`, `Write '${method}: func(…) -> …;'`);
}

/** Bare files belong to no app, so their compiled forms are kept with the user's other caches. */
export function userCacheDir(): string {
  return join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "weft");
}

/** Reads folders to show, each at a path of its own. @throws UsageError. */
export async function parseMounts(texts: readonly string[]): Promise<WasiGrants["mounts"]> {
  const mounts = await Promise.all(texts.map(parseMount));
  const twice = mounts.find(({ guest }, index) => mounts.findIndex((mount) => mount.guest === guest) < index);
  if (twice === undefined) return mounts;
  throw new UsageError(`--dir shows two folders at ${twice.guest}`, "Give each a path of its own behind `::`.");
}

/** Reads `HOST::GUEST` or `HOST::GUEST::ro`. @throws UsageError. */
export async function parseMount(text: string): Promise<WasiGrants["mounts"][number]> {
  const [host = "", guest = "", mode, ...more] = text.split("::");
  const isWrong = host === "" || !guest.startsWith("/") || more.length > 0 || (mode !== undefined && mode !== "ro");
  if (isWrong) {
    throw new UsageError(
      `--dir cannot be "${text}"`,
      "Write HOST::GUEST or HOST::GUEST::ro, such as --dir .::/work::ro.",
    );
  }
  const path = resolve(host);
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() !== true)
    throw new UsageError(`--dir: there is no folder ${path}`, "Check the path before `::`.");
  return { guest, filesystem: "exec:dir", path, readOnly: mode === "ro" };
}

/** Reads `NAME=VALUE` texts. @throws UsageError. */
export function parseEnv(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const equals = text.indexOf("=");
      if (equals > 0) return [text.slice(0, equals), text.slice(equals + 1)];
      throw new UsageError(`--env cannot be "${text}"`, "Write NAME=VALUE.");
    }),
  );
}
