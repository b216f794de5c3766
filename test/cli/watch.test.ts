import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderWith, weft } from "./weft.ts";

const app = (source: string): string => `
version: "1.0"
namespace: app
entries:
  - { name: host, kind: process.host, lifecycle: { auto_start: true } }
  - { name: word, kind: library.lua, source: "${source}" }
  - name: main
    kind: process.lua
    imports: { word: app:word }
    modules: [logger]
    source: |
      return function()
        require("logger"):info("it says " .. require("word"))
        process.events():receive()
      end
  - { name: service, kind: process.service, process: main, host: host, lifecycle: { auto_start: true } }
`;

test("weft run --watch goes over to each edit that is right, and tells what is wrong with the others", async () => {
  await using folder = await folderWith({ "registry/_index.yaml": app("return 'one'") });
  const write = (source: string) => () => writeFile(join(folder.path, "registry/_index.yaml"), app(source));
  const { code, stderr } = await weft(["run", "--watch"], {
    cwd: folder.path,
    steps: [
      { at: "Ctrl-C stops it", act: write("return 'two'") },
      { at: "reloaded 1 entry in", act: write("return (") },
      { at: "what ran before goes on", act: write("return 'three'") },
    ],
    interruptAt: "it says three",
  });
  expect(stderr).toContain("it says one");
  expect(stderr).toContain("it says two");
  expect(stderr).toMatch(/reloaded 1 entry in .+: app:word/);
  expect(stderr).toMatch(/registry\/_index\.yaml:6:\d+ error lua-source:[^]*\^[^]*not reloaded: 1 problem/);
  expect(code).toBe(0);
});
