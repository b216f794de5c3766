import { runCommandLine } from "./program.ts";

/** Work that is over but left something open must not keep the terminal: leave after this long. */
const lingerMs = 1_000;

// `weft list | head`: the reader went away, and nobody is left to tell.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

const exitCode = await runCommandLine(process.argv.slice(2));
process.exitCode = exitCode;
setTimeout(() => process.exit(exitCode), lingerMs).unref();
