import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { silentLog, type Log } from "../../../../src/core/log.ts";
import { Metrics } from "../../../../src/gateway/operations/metrics.ts";
import { createServeApp } from "../../../../src/gateway/serve/app.ts";
import { Turns } from "../../../../src/hosts/http/turns.ts";
import { ModuleLibrary } from "../../../../src/gateway/serve/library.ts";
import { startControl } from "../../../../src/gateway/serve/server.ts";
import { harmlessGrants, type ModuleSettings } from "../../../../src/gateway/serve/settings.ts";

const guests = join(import.meta.dirname, "../../../guests");

/** A folder of modules that ends with the test. */
export class Folder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "weft-serve-"));

  /** Texts by file name; `guest:PATH` copies a committed guest. */
  constructor(files: Readonly<Record<string, string | Uint8Array>> = {}) {
    for (const [name, content] of Object.entries(files)) this.write(name, content);
  }

  write(name: string, content: string | Uint8Array): void {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    if (typeof content === "string" && content.startsWith("guest:")) copyFileSync(join(guests, content.slice(6)), path);
    else writeFileSync(path, content);
  }

  remove(name: string): void {
    rmSync(join(this.path, name));
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

export function settings(overrides: Partial<ModuleSettings> = {}): ModuleSettings {
  return {
    limits: { executionMs: 20_000, memoryBytes: 64 << 20, outputBytes: 1 << 20 },
    grants: harmlessGrants,
    mounts: [],
    env: {},
    slots: 16,
    queueLength: 1_000,
    cacheDir: undefined,
    log: silentLog,
    ...overrides,
  };
}

/** The app over a folder, called without a socket. */
export async function served(
  files: Folder | Readonly<Record<string, string | Uint8Array>>,
  {
    bodyBytes = 1 << 20,
    log = silentLog,
    ...overrides
  }: Partial<ModuleSettings> & { bodyBytes?: number; log?: Log } = {},
) {
  const stack = new AsyncDisposableStack();
  const folder = files instanceof Folder ? files : stack.use(new Folder(files));
  const control = stack.use(await startControl(1, log));
  let heard = Promise.withResolvers<void>();
  const library = stack.use(
    await ModuleLibrary.open({
      directory: folder.path,
      settings: settings(overrides),
      control,
      changed: () => {
        heard.resolve();
        heard = Promise.withResolvers();
      },
    }),
  );
  const metrics = stack.use(new Metrics(control));
  let isStopping = false;
  const app = createServeApp({
    library,
    control,
    metrics,
    turns: new Turns(),
    bodyBytes,
    log,
    isStopping: () => isStopping,
  });
  return {
    app,
    folder,
    library,
    control,
    post: async (path: string, body?: string | Uint8Array) =>
      await app.request(path, {
        method: "POST",
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : Uint8Array.from(body) }),
      }),
    stopping: () => (isStopping = true),
    /** Settles when the library has read a file again. */
    changed: () => heard.promise,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Status and body, JSON read. */
export async function shown(response: Response): Promise<readonly [number, unknown]> {
  const text = await response.text();
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  const body: unknown = isJson ? JSON.parse(text) : text;
  return [response.status, body];
}
