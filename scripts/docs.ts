/** `npm run docs`: writes the pages that are generated from tables, so that they cannot go out of date. */
import { mkdirSync, writeFileSync } from "node:fs";
import { generatedPages } from "./pages.ts";

for (const [path, text] of Object.entries(generatedPages())) {
  mkdirSync(new URL(".", new URL(`../${path}`, import.meta.url)), { recursive: true });
  writeFileSync(new URL(`../${path}`, import.meta.url), text);
  console.log(`wrote ${path}`);
}
