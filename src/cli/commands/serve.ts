import { WeftError } from "../../core/errors.ts";
import type { Limits } from "../../core/limits.ts";
import type { ModuleState } from "../../gateway/serve/library.ts";
import type { ServedFolder, ServeOptions } from "../../gateway/serve/server.ts";
import { exitCodes, UsageError, type Command } from "../contract.ts";
import { parseEnv, parseMounts, userCacheDir } from "../exec-program.ts";
import type { Input } from "../input.ts";
import { openLog } from "../open-app.ts";
import type { Screen } from "../screen.ts";
import { StopSignals } from "../signals.ts";
import { counted } from "../columns.ts";

/** Requests in flight get as long as a call may take, and no longer than a supervisor waits before it kills. */
const longestDrainMs = 25_000;

export const serve: Command = {
  name: "serve",
  aliases: [],
  group: "Run",
  summary: "make every .wasm and .wat file of a folder callable by HTTP",
  description:
    "Each exported function of each file answers POST /execute/FILE?func=NAME (the body goes in as it is: text for functions over " +
    "memory, stdin for WASI commands) and POST /call/NAMESPACE/NAME (JSON in, JSON out); a component that exports wasi:http/incoming-handler answers whatever comes below /handle/FILE/. New, changed and deleted files count at once; " +
    "a malformed file is reported for itself only. GET /functions lists everything, /openapi.json describes it; /healthz, /readyz and " +
    "/metrics are for whoever watches.\n" +
    "Every call has an instance of its own, within the limits given here. Modules see no files, variables or network but what is named here.\n" +
    "A NAME.wit beside a core module gives its functions WIT types.",
  arguments: [{ name: "[dir]", summary: "the folder (default: the working directory)" }],
  options: [
    {
      flags: "--address <address>",
      summary: "where to listen: :8080, 127.0.0.1:8080, [::1]:0 (default: 127.0.0.1:8080)",
    },
    { flags: "--timeout <time>", summary: "longest time of a call: 500 (milliseconds), 2s, 1m (default: 30s)" },
    { flags: "--max-memory <bytes>", summary: "memory of an instance (default: 268435456)" },
    { flags: "--max-fuel <n>", summary: "instructions of a call (default: no bound)" },
    { flags: "--max-output <bytes>", summary: "what a call may print (default: 16777216)" },
    { flags: "--max-body <bytes>", summary: "body of a request (default: 16777216)" },
    { flags: "--slots <n>", summary: "calls of one function at once; more wait (default: 100)" },
    { flags: "--queue <n>", summary: "calls of one function that wait; more are refused (default: 1000)" },
    { flags: "--isolates <n>", summary: "threads for guests (default: one a core)" },
    {
      flags: "--dir <host::guest>",
      summary: "show a folder to the modules; ::ro makes it read-only",
      isRepeatable: true,
    },
    { flags: "--env <name=value>", summary: "set a variable for the modules", isRepeatable: true },
    { flags: "--grant <capability>", summary: "give more, such as wasi:http or funcs", isRepeatable: true },
  ],
  examples: [
    { line: "weft serve plugins", does: "the files of a folder, at http://127.0.0.1:8080" },
    {
      line: "weft serve plugins --address :80 --timeout 2s --max-memory 16777216",
      does: "for the network, with tight limits",
    },
    { line: "curl localhost:8080/execute/greet.wasm?func=greet -d Ada", does: "text in, text out" },
    { line: "curl localhost:8080/call/math/add -d '[10, 20]'", does: "JSON in, JSON out" },
    { line: "curl localhost:8080/functions", does: "what there is" },
  ],
  passesOptions: false,
  async run(input, screen) {
    const log = await openLog(input, screen, { level: "info" });
    const changed = (file: string, state: ModuleState | undefined): void => tell(file, state, screen);
    using signals = new StopSignals();
    const { serveFolder } = await import("../../gateway/serve/server.ts");
    const served = await serveFolder({ ...(await readOptions(input)), log, changed });
    screen.talk(`${screen.paintTalk("bold", served.url)} serves ${summary(served)}. Ctrl-C stops it.`);
    await signals.wait();
    screen.talk("stopping: requests in flight end first");
    await served.stop(longestDrainMs);
    return exitCodes.ok;
  },
};

async function readOptions(input: Input): Promise<Omit<ServeOptions, "log" | "changed">> {
  const [{ harmlessGrants, serveDefaults }, { serverSettings }, { silentLog }, { defaultIsolates }] = await Promise.all(
    [
      import("../../gateway/serve/settings.ts"),
      import("../../gateway/settings.ts"),
      import("../../core/log.ts"),
      import("../../runtime/control/threads.ts"),
    ],
  );
  const executionMs = input.milliseconds("timeout");
  const fuel = input.count("maxFuel", 1);
  const memoryBytes = input.count("maxMemory", 65_536);
  const outputBytes = input.count("maxOutput", 0);
  const limits: Limits = {
    ...serveDefaults.limits,
    ...(executionMs !== undefined && { executionMs }),
    ...(fuel !== undefined && { fuel }),
    ...(memoryBytes !== undefined && { memoryBytes }),
    ...(outputBytes !== undefined && { outputBytes }),
  };
  return {
    directory: input.words[0] ?? ".",
    server: serverSettings(await readAddress(input.text("address") ?? "127.0.0.1:8080"), {
      limits: { bodyBytes: input.count("maxBody", 0) ?? serveDefaults.bodyBytes },
    }),
    modules: {
      limits,
      grants: [...harmlessGrants, ...(await readGrants(input.list("grant")))],
      mounts: await parseMounts(input.list("dir")),
      env: parseEnv(input.list("env")),
      slots: input.count("slots", 1) ?? serveDefaults.slots,
      queueLength: input.count("queue", 0) ?? serveDefaults.queueLength,
      cacheDir: userCacheDir(),
      log: silentLog,
    },
    isolates: input.count("isolates", 1) ?? defaultIsolates(),
  };
}

async function readAddress(text: string): Promise<ServeOptions["server"]["address"]> {
  const { parseAddress } = await import("../../gateway/settings.ts");
  try {
    return parseAddress(text);
  } catch (error) {
    if (!(error instanceof WeftError)) throw error;
    throw new UsageError(`--address: ${error.message}`, "Write :8080, 127.0.0.1:8080 or [::1]:8080.");
  }
}

async function readGrants(grants: readonly string[]): Promise<readonly string[]> {
  const { resolveGrant } = await import("../../hosts/index.ts");
  for (const grant of grants) {
    const { host, nearest } = resolveGrant(grant);
    if (host !== undefined) continue;
    const help = nearest === undefined || nearest.length === 0 ? "" : `Did you mean ${nearest.join(" or ")}?`;
    throw new UsageError(`--grant: there is no capability ${grant}`, help);
  }
  return grants;
}

function tell(file: string, state: ModuleState | undefined, screen: Screen): void {
  if (state === undefined) screen.talk(`${screen.paintTalk("dim", "gone")}    ${file}`);
  else if (state.module === undefined)
    screen.talk(`${screen.paintTalk("red", "failed")}  ${state.failure?.message ?? file}`);
  else {
    const names = state.module.functions.map(({ id }) => id.slice(id.indexOf(":") + 1));
    const more = names.length > 8 ? `, and ${names.length - 8} more` : "";
    screen.talk(`${screen.paintTalk("green", "ready")}   ${file}: ${names.slice(0, 8).join(", ")}${more}`);
  }
}

function summary({ library }: ServedFolder): string {
  const ready = library.states.flatMap(({ module }) => module ?? []);
  const functions = ready.reduce((sum, module) => sum + module.functions.length, 0);
  const failed = library.states.length - ready.length;
  const broken = failed === 0 ? "" : `, ${counted(failed, "file")} failed`;
  return `${counted(functions, "function")} of ${counted(ready.length, "file")}${broken}`;
}
