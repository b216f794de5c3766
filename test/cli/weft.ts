import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { appFiles } from "./app.ts";

const launcher = fileURLToPath(new URL("../../src/cli/weft.js", import.meta.url));

/** How one command line ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface WeftOptions {
  readonly cwd?: string;
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Sends SIGINT when stdout and stderr together contain this text. */
  readonly interruptAt?: string;
  /** Stops reading stdout for good when it contains this text, as `head` does. */
  readonly leaveAt?: string;
  /** Sends each of these signals when stdout and stderr together contain its text. */
  readonly signals?: readonly { readonly at: string; readonly signal: NodeJS.Signals }[];
  /** Does each of these once stderr has said its text since the one before. */
  readonly steps?: readonly { readonly at: string; readonly act: () => Promise<void> }[];
}

/** Runs the real command line in a process of its own. */
export async function weft(args: readonly string[], options: WeftOptions = {}): Promise<Ended> {
  const child = spawn(process.execPath, [launcher, ...args], {
    cwd: options.cwd,
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined, ...options.env },
  });
  const said = { stdout: "", stderr: "" };
  const { interruptAt } = options;
  const interrupts = interruptAt === undefined ? [] : [{ at: interruptAt, signal: "SIGINT" as const }];
  const signals = [...interrupts, ...(options.signals ?? [])];
  const hear = (name: keyof typeof said, chunk: Buffer): void => {
    said[name] += chunk.toString();
    const [next] = signals;
    if (next === undefined || !`${said.stdout}${said.stderr}`.includes(next.at)) return;
    signals.shift();
    child.kill(next.signal);
  };
  child.stdout.on("data", (chunk: Buffer) => {
    hear("stdout", chunk);
    if (options.leaveAt !== undefined && said.stdout.includes(options.leaveAt)) child.stdout.destroy();
  });
  child.stderr.on("data", (chunk: Buffer) => hear("stderr", chunk));
  void takeSteps(options.steps ?? [], () => said.stderr, child.stderr);
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.stdin ?? "");
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.on("error", reject);
  child.on("close", (code) => resolve(code));
  return { code: await promise, ...said };
}

async function takeSteps(
  steps: NonNullable<WeftOptions["steps"]>,
  said: () => string,
  stream: NodeJS.ReadableStream,
): Promise<void> {
  let seen = 0;
  for (const { at, act } of steps) {
    while (!said().slice(seen).includes(at)) await once(stream, "data");
    seen = said().indexOf(at, seen) + at.length;
    await act();
  }
}

/** A folder of a test, gone when disposed. */
export interface Folder extends AsyncDisposable {
  readonly path: string;
}

/** A folder with files in it. */
export async function folderWith(files: Readonly<Record<string, string | Uint8Array>>): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), "weft-cli-"));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), text);
  }
  return { path, [Symbol.asyncDispose]: async () => rm(path, { recursive: true, force: true }) };
}

/** The app of `app.ts` in a folder of its own. */
export async function appFolder(): Promise<Folder> {
  const bytes = await readFile(fileURLToPath(new URL("../guests/wat/arith.wasm", import.meta.url)));
  const hash = createHash("sha256").update(bytes).digest("hex");
  const files = Object.entries(appFiles).map(([name, text]) => [name, text.replaceAll("HASH", hash)] as const);
  return await folderWith({ ...Object.fromEntries(files), "modules/add.wasm": bytes });
}
