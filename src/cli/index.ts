/** The table of commands, in the order of `weft --help`. */
import { cache } from "./commands/cache.ts";
import { call } from "./commands/call.ts";
import { check } from "./commands/check.ts";
import { exec } from "./commands/exec.ts";
import { explain } from "./commands/explain.ts";
import { init } from "./commands/init.ts";
import { inspect } from "./commands/inspect.ts";
import { list } from "./commands/list.ts";
import { readme } from "./commands/readme.ts";
import { run } from "./commands/run.ts";
import { schema } from "./commands/schema.ts";
import { serve } from "./commands/serve.ts";
import { test } from "./commands/test.ts";
import { version } from "./commands/version.ts";
import type { Command } from "./contract.ts";

export const commands: readonly Command[] = [
  run,
  call,
  test,
  exec,
  serve,
  list,
  inspect,
  check,
  explain,
  version,
  readme,
  init,
  schema,
  cache,
];
