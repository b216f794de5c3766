import { CommandError } from "./contract.ts";
import type { Input } from "./input.ts";
import type { Screen } from "./screen.ts";

/** Opens Node's inspector where `--profiler` asks for it: Chrome's developer tools profile the threads through it. */
export async function openProfiler(input: Input, screen: Screen): Promise<void> {
  if (!input.flag("profiler")) return;
  const inspector = await import("node:inspector");
  inspector.open();
  const url = inspector.url();
  if (url === undefined) {
    const help = "Choose another port: NODE_OPTIONS=--inspect-port=9230, or 0 for any that is free.";
    throw new CommandError("LISTEN_FAILED", "Node's inspector could not be opened for the profiler", help);
  }
  screen.talk(`profiler: open chrome://inspect, or attach to ${url}`);
}
