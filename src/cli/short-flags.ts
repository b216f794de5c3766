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

/**
 * A command line with Wippy's flags written as Weft's. Only those before the words of a command count: what follows
 * them (`weft run tool -v`) belongs to the command.
 */
export function translateFlags(argv: readonly string[]): readonly string[] {
  const translated: string[] = [];
  let words = 0;
  let at = 0;
  for (; at < argv.length && words < 2; at++) {
    const word = argv[at] ?? "";
    if (word === "--") break;
    if (!word.startsWith("-")) words++;
    translated.push(...(meanings[word] ?? [word]));
    if (valued.test(word) && at + 1 < argv.length) translated.push(argv[++at] ?? "");
  }
  return [...translated, ...argv.slice(at)];
}
