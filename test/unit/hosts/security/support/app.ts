import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import { createRuntime, type Runtime } from "../../../../../src/index.ts";
import type { Log, LogFields } from "../../../../../src/core/log.ts";

const guests = fileURLToPath(new URL("../../../../guests/", import.meta.url));

/** An app of namespace `t` in a folder of its own, which is removed with the test's end. */
export function folderOf(entries: readonly unknown[], settings: Readonly<Record<string, unknown>> = {}): string {
  const app = mkdtempSync(join(tmpdir(), "weft-security-"));
  mkdirSync(join(app, "registry"));
  writeFileSync(join(app, "registry", "_index.yaml"), stringify({ namespace: "t", entries }));
  writeFileSync(join(app, "weft.yaml"), stringify(settings));
  cpSync(guests, join(app, "guests"), { recursive: true, filter: (source) => !source.includes(".build") });
  return app;
}

/** Runs such an app. */
export async function running(
  entries: readonly unknown[],
  options: {
    readonly settings?: Readonly<Record<string, unknown>>;
    readonly isolates?: number;
    readonly log?: Log;
  } = {},
): Promise<Runtime & Disposable> {
  const app = folderOf(entries, options.settings);
  const { log } = options;
  const runtime = await createRuntime({ app, isolates: options.isolates ?? 1, ...(log && { log }) });
  return Object.assign(runtime, { [Symbol.dispose]: () => rmSync(app, { recursive: true }) });
}

/** A Lua function that has every module these tests use. */
export function lua(name: string, body: string, more: Readonly<Record<string, unknown>> = {}): object {
  const modules = [
    "contract",
    "env",
    "events",
    "fs",
    "funcs",
    "queue",
    "registry",
    "security",
    "sql",
    "store",
    "system",
    "time",
  ];
  const required = modules.map((module) => `local ${module} = require("${module}")`).join(" ");
  return { name, kind: "function.lua", modules, source: `${required} return function(...) ${body} end`, ...more };
}

/** A policy. */
export function policy(name: string, rules: Readonly<Record<string, unknown>>, groups: readonly string[] = []): object {
  const all = { actions: "*", resources: "*", effect: "allow", ...rules };
  return { name, kind: "security.policy", policy: all, groups };
}

export const ada = { id: "ada", meta: { role: "user", age: 36, tags: ["a", "b"] } };

/** The scope of policies of the app. */
export function scope(...names: readonly string[]): { readonly policies: readonly string[] } {
  return { policies: names.map((name) => `t:${name}`) };
}

/** A log that keeps its warnings. */
export function warnings(): { readonly log: Log; readonly lines: (readonly [string, LogFields])[] } {
  const lines: (readonly [string, LogFields])[] = [];
  const nothing = (): void => undefined;
  return {
    lines,
    log: {
      debug: nothing,
      info: nothing,
      error: nothing,
      warn: (text, fields = {}) => void lines.push([text, fields]),
    },
  };
}
