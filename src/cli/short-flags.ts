/** Flags of Wippy's command line, and what they are here. */
const meanings: Readonly<Record<string, readonly string[]>> = {
  "-v": ["--verbose"],
  "--very-verbose": ["--verbose"],
  "-c": ["--log-level", "info"],
  "--console": ["--log-level", "info"],
  "-s": ["--log-level", "silent"],
  "--silent": ["--log-level", "silent"],
  "-e": ["--set", "logmanager.stream_to_events=true"],
  "--event-streams": ["--set", "logmanager.stream_to_events=true"],
  "-p": ["--profiler"],
  "-m": ["--memory-limit"],
};

/** Options whose value is the next word. */
const valued = /^(-[xom]|--(memory-limit|exec|host|override|set|config|app|isolates|log-level|log-format|timeout))$/;

/** Options of commands that Wippy has before a command's name, too. */
const ofCommands: ReadonlySet<string> = new Set(["--config", "--memory-limit", "--profiler", "--set"]);

/** The first of a command's two words. */
const outer = "registry";

/**
 * A command line with Wippy's flags written as Weft's. Only those before the words of a command count: what follows
 * them (`weft run tool -v`) belongs to the command. Options that every command has of its own are moved behind its name.
 */
export function translateFlags(argv: readonly string[]): readonly string[] {
  const translated: string[] = [];
  const early: string[] = [];
  let words = 0;
  let at = 0;
  for (; at < argv.length && words < 2; at++) {
    const word = argv[at] ?? "";
    if (word === "--") break;
    const option = [...(meanings[word] ?? [word])];
    if (valued.test(word) && at + 1 < argv.length) option.push(argv[++at] ?? "");
    const isEarly = words === 0 && ofCommands.has(option[0]?.split("=", 1)[0] ?? "");
    (isEarly ? early : translated).push(...option);
    if (word.startsWith("-")) continue;
    words++;
    if (word !== outer) translated.push(...early.splice(0));
  }
  return [...translated, ...early, ...argv.slice(at)];
}
