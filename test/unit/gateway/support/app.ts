import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Log } from "../../../../src/core/log.ts";
import { createRuntime, type Runtime } from "../../../../src/index.ts";

/** An app that serves on this machine. */
export interface ServedApp extends AsyncDisposable {
  readonly runtime: Runtime;
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  /** What was logged. */
  readonly lines: readonly string[];
  /** Asks below the app's address. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
}

interface Options {
  /** More files of the app's registry folder. */
  readonly files?: Readonly<Record<string, string>>;
  /** More of the http.service. */
  readonly service?: string;
  readonly isolates?: number;
  readonly addr?: string;
  readonly stopTimeout?: string;
}

/** Starts an app with a server `api:server`; entries are YAML items. */
export async function serveApp(
  entries: string,
  { files = {}, isolates = 1, ...server }: Options = {},
): Promise<ServedApp> {
  const folder = mkdtempSync(join(tmpdir(), "weft-http-"));
  const write = (path: string, content: string): void => {
    const full = join(folder, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, content);
  };
  write("weft.yaml", "version: 1\n");
  for (const [path, content] of Object.entries(files)) write(path, content);
  write("registry/_index.yaml", indexOf(entries, server));
  const lines: string[] = [];
  const { promise, resolve } = Promise.withResolvers<string>();
  const note =
    (level: string) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
      lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
      if (typeof fields["url"] === "string") resolve(fields["url"]);
    };
  const log: Log = { debug: note("debug"), info: note("info"), warn: note("warn"), error: note("error") };
  const runtime = await createRuntime({ app: folder, isolates, log });
  const errors = runtime.diagnostics.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join("\n"));
  const url = await promise;
  return {
    runtime,
    url,
    port: Number(new URL(url).port),
    folder,
    lines,
    fetch: (path, init) => fetch(`${url}${path}`, init),
    async [Symbol.asyncDispose]() {
      await runtime[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The registry file of an app of tests. */
export function indexOf(
  entries: string,
  { service = "", addr = "127.0.0.1:0", stopTimeout = "10s" }: Options = {},
): string {
  return `
version: "1.0"
namespace: api
entries:
  - name: server
    kind: http.service
    addr: "${addr}"
    lifecycle: { auto_start: true, stop_timeout: ${stopTimeout} }
${service}
${entries}
`;
}

/** A Lua function and an endpoint for it, on the router \`api:router\`. */
export function endpoint(method: string, path: string, body: string, name = `e${method}${path}`): string {
  const id = name.replaceAll(/[^A-Za-z0-9]/g, "_");
  return `
  - name: ${id}
    kind: http.endpoint
    meta: { router: router }
    method: ${method}
    path: "${path}"
    func: ${id}_f
  - name: ${id}_f
    kind: function.lua
    modules: [http, http_client, json, time, funcs, metrics, security, ctx]
    source: |
      local http = require("http")
      return function()
        local req, res = http.request(), http.response()
${body.replaceAll(/^/gm, "        ")}
      end
`;
}

/** The router of the tests, without middleware or with what is given. */
export const router = (more = ""): string => `
  - name: router
    kind: http.router
    meta: { server: server }
    prefix: /
${more.replaceAll(/^(?=.)/gm, "    ")}
`;
