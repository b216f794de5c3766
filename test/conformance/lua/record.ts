/** `node test/conformance/lua/record.ts`: writes what PUC Lua 5.3 makes of the cases. Needs `lua5.3` on the path. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { runPuc } from "./interpreters.seam.ts";

const at = (path: string): URL => new URL(path, import.meta.url);
const prelude = { name: "=prelude", source: readFileSync(at("prelude.lua"), "utf8") };
for (const file of readdirSync(at("cases"))) {
  const area = file.replace(/\.lua$/, "");
  const lines = runPuc([prelude, { name: `=${area}`, source: readFileSync(at(`cases/${file}`), "utf8") }]);
  writeFileSync(at(`expected/${area}.txt`), lines.map((line) => `${line}\n`).join(""), "latin1");
}
