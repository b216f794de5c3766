import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRuntime } from "../src/index.ts";
import { addEntry, temporaryApp } from "./apps.ts";
import { compare, printTable, type Contender } from "./harness.ts";

const component = fileURLToPath(new URL("../test/guests/rust/shapes", import.meta.url));

/** B6: from nothing to the first answer, for apps of 1, 100 and 1,000 entries, and with a cold and a warm cache. */
export async function bench(): Promise<void> {
  using one = temporaryApp(watApp(1));
  using hundred = temporaryApp(watApp(100));
  using thousand = temporaryApp(watApp(1_000));
  const sizes: Contender[] = [
    { name: "1 entry", run: () => bootAndCall(one.directory, "b:add0") },
    { name: "100 entries", run: () => bootAndCall(hundred.directory, "b:add0") },
    { name: "1,000 entries", run: () => bootAndCall(thousand.directory, "b:add0") },
  ];
  printTable("B6: boot to first answer, function.wat", await compare(sizes, { times: 1, rounds: 5 }));

  using withComponent = temporaryApp(componentApp());
  const caches: Contender[] = [
    { name: "warm cache", run: () => bootAndCall(withComponent.directory, "b:add", 1, 2) },
    {
      name: "cold cache",
      run: () => {
        rmSync(join(withComponent.directory, ".weft"), { recursive: true, force: true });
        return bootAndCall(withComponent.directory, "b:add", 1, 2);
      },
    },
  ];
  printTable("B6: boot to first answer, one component", await compare(caches, { times: 1, rounds: 5 }));
}

async function bootAndCall(app: string, id: string, ...args: readonly number[]): Promise<void> {
  await using runtime = await createRuntime({ app, isolates: 1, strict: true });
  await runtime.call(id, ...(args.length === 0 ? [1, 2] : args));
}

function watApp(entries: number): string {
  const list = Array.from({ length: entries }, (_, index) => addEntry(`add${index}`, "type: lazy"));
  return `\nnamespace: b\nentries:${list.join("")}\n`;
}

function componentApp(): string {
  return `
namespace: b
entries:
  - name: modules
    kind: fs.directory
    directory: ${JSON.stringify(component)}
  - name: add
    kind: function.wasm
    fs: modules
    path: shapes.wasm
    hash: sha256:226219ee3ba40bce8f721917d4cf2263cfc57dc1af74bb4102bc9a3e4ab4e4fe
    method: acme:math/calc@1.2.0#add
`;
}
