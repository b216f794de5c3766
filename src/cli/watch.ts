import type { Runtime } from "../boot/runtime.ts";
import { formatMs } from "../core/durations.ts";
import { formatDiagnostic } from "../registry/render.ts";
import { counted } from "./columns.ts";
import { toFailure } from "./failure.ts";
import type { Screen } from "./screen.ts";

/** A line names this many entries, and only counts the rest. */
const namedEntries = 5;

/** Reloads what changes in an app's files, and tells of it on stderr, until it is disposed. */
export async function watchAndTell(runtime: Runtime, screen: Screen): Promise<AsyncDisposable> {
  const [{ AppWatcher }, { ChangesRejected }] = await Promise.all([
    import("../boot/watch.ts"),
    import("../boot/live.ts"),
  ]);
  return await AppWatcher.start(runtime.registry, {
    reloaded({ changed, ms }) {
      const names = changed.length > namedEntries ? "" : `: ${changed.toSorted().join(", ")}`;
      const what = `reloaded ${counted(changed.length, "entry", "entries")} in ${formatMs(ms)}`;
      screen.talk(`${screen.paintTalk("green", what)}${screen.paintTalk("dim", names)}`);
    },
    rejected(error) {
      const diagnostics = error instanceof ChangesRejected ? error.diagnostics : [];
      const { root } = runtime.app.config;
      for (const diagnostic of diagnostics) {
        screen.talk(`${formatDiagnostic(diagnostic, { root, color: screen.talkHasColor })}\n`);
      }
      const why = diagnostics.length > 0 ? counted(diagnostics.length, "problem") : toFailure(error).message;
      screen.talk(screen.paintTalk("red", `not reloaded: ${why}; what ran before goes on`));
    },
    needsRestart: (file) => screen.talk(screen.paintTalk("yellow", `${file} changed: start again for it to count`)),
  });
}
