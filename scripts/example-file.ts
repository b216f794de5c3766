import { existsSync, readFileSync } from "node:fs";

/** The text of a file below `scripts/examples`. @throws Error saying which one is to be written. */
export function exampleFile(path: string): string {
  const file = new URL(`examples/${path}`, import.meta.url);
  if (!existsSync(file))
    throw new Error(`its page needs an example: write scripts/examples/${path}, as its neighbours are`);
  return readFileSync(file, "utf8");
}
