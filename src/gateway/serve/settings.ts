import type { Limits } from "../../core/limits.ts";
import type { Log } from "../../core/log.ts";
import type { MountGrant } from "../../registry/placement.ts";

/** What the modules of a folder may use, and what each call of them is held to. */
export interface ModuleSettings {
  readonly limits: Limits;
  /** Capabilities of every module, as entries write them under `imports`. */
  readonly grants: readonly string[];
  readonly mounts: readonly MountGrant[];
  readonly env: Readonly<Record<string, string>>;
  /** Calls of one function that run at once; more wait. */
  readonly slots: number;
  /** Calls of one function that wait; one more is refused. */
  readonly queueLength: number;
  /** Where compiled components are kept; undefined keeps nothing. */
  readonly cacheDir: string | undefined;
  readonly log: Log;
}

/** Nothing that reaches beyond the call: no files, variables, network or other programs. */
export const harmlessGrants: readonly string[] = [
  "wasi:io",
  "wasi:poll",
  "wasi:clocks",
  "wasi:random",
  "wasi:cli",
  "wasi:filesystem",
  "wasi_snapshot_preview1",
  "wasi:logging",
];

/** What holds where nothing is said. */
export const serveDefaults = {
  limits: {
    // A client that waits longer has gone away.
    executionMs: 30_000,
    memoryBytes: 256 << 20,
    // A response is held whole before it is sent.
    outputBytes: 16 << 20,
  },
  // A request's body is held whole, once here and once in the guest.
  bodyBytes: 16 << 20,
  slots: 100,
  queueLength: 1_000,
} as const;
