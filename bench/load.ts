import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { fire as fireAutocannon, type Load, type LoadResult } from "./autocannon.seam.ts";

export type { Load, LoadResult };

const run = promisify(execFile);

/** Who sends the requests: wrk where it is installed, since it takes a quarter of autocannon's processor time. */
export const client: "wrk" | "autocannon" = await run("wrk", ["-v"]).then(
  () => "wrk",
  // wrk has no option to say its version without failing.
  (error: unknown) => (error instanceof Error && "code" in error && error.code === "ENOENT" ? "autocannon" : "wrk"),
);

/** Sends requests as fast as they are answered. */
export async function fire(load: Load): Promise<LoadResult> {
  return client === "wrk" && load.duration !== undefined
    ? await fireWrk(load, load.duration)
    : await fireAutocannon(load);
}

async function fireWrk(load: Load, seconds: number): Promise<LoadResult> {
  const folder = mkdtempSync(join(tmpdir(), "weft-wrk-"));
  const script = join(folder, "load.lua");
  writeFileSync(script, scriptOf(load));
  try {
    const args = ["-t1", `-c${load.connections}`, `-d${seconds}s`, "-s", script, load.url];
    const { stdout } = await run("wrk", args);
    const line = stdout.split("\n").find((each) => each.startsWith("RESULT "));
    if (line === undefined) throw new Error(`wrk said no result: ${stdout}`);
    const [requests = 0, micros = 1, p50 = 0, p99 = 0, p999 = 0, errors = 0, timeouts = 0, non2xx = 0] = line
      .split(" ")
      .slice(1)
      .map(Number);
    return {
      requests: { average: requests / (micros / 1e6), total: requests },
      latency: { p50: p50 / 1e3, p99: p99 / 1e3, p99_9: p999 / 1e3 },
      errors,
      timeouts,
      non2xx,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What wrk is told: the request, and how to say what came of it. */
function scriptOf({ method, body, headers }: Load): string {
  const fields = Object.entries(headers).map(([name, value]) => `wrk.headers["${name}"] = "${value}"`);
  return `
wrk.method = "${method}"
wrk.body = [==[${body}]==]
${fields.join("\n")}
done = function(summary, latency)
  local errors = summary.errors
  print(string.format("RESULT %d %d %d %d %d %d %d %d", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), latency:percentile(99.9),
    errors.connect + errors.read + errors.write, errors.timeout, errors.status))
end
`;
}
