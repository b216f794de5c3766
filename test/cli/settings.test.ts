import { expect, test } from "vitest";
import { folderWith, weft } from "./weft.ts";

const files = {
  "registry/_index.yaml": `
namespace: app
entries:
  - { name: terminal, kind: terminal.host }
  - { name: word, kind: function.lua, source: "return function() return 'written' end" }
  - { name: say, kind: process.lua, meta: { command: { name: say } }, source: "return function() return 'said' end" }
`,
};

test("-o and --set count for one command line", async () => {
  await using folder = await folderWith(files);
  const options = { cwd: folder.path };
  const override = "app:word:source=return function() return 'given' end";
  expect(await weft(["call", "app:word", "-o", override, "--set", "isolates=0"], options)).toMatchObject({
    code: 0,
    stdout: "given\n",
  });
  expect(await weft(["call", "app:word"], options)).toMatchObject({ code: 0, stdout: "written\n" });
  const said = await weft(["run", "say", "-o", "app:say:source=return function() return 'other' end"], options);
  expect(said).toMatchObject({ code: 0, stdout: "other\n" });
});

test("a wrong -o or --set is told, and nothing runs", async () => {
  await using folder = await folderWith(files);
  const options = { cwd: folder.path };
  const wrong = await weft(["call", "app:word", "-o", "app:wrd:source=x"], options);
  expect(wrong).toMatchObject({ code: 1, stdout: "" });
  expect(wrong.stderr).toContain("did you mean app:word");
  const unknown = await weft(["call", "app:word", "--set", "isolate=0"], options);
  expect(unknown).toMatchObject({ code: 1, stdout: "" });
  expect(unknown.stderr).toContain("isolate");
});
