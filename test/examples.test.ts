import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Runs the CLI as a reader of an example would. */
function weft(words: readonly string[], input = ""): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync("node", ["src/cli/weft.js", ...words], {
    cwd: root,
    input,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  return { status, stdout, stderr };
}

const apps = ["arithmetic", "user-pipeline", "linked-users", "order-desk", "word-tool"];

test.each(["registry", ...apps.map((app) => `examples/${app}`)])("%s has no mistakes, and its tests pass", (app) => {
  const directory = app === "registry" ? "." : app;
  expect(weft(["check", "--app", directory])).toMatchObject({ status: 0 });
  expect(weft(["test", "--app", directory])).toMatchObject({ status: 0 });
});

test("the embedded app shows one call of every sort", () => {
  const { status, stdout } = weft(["run"]);
  expect(status).toBe(0);
  for (const expected of ["tour:answer", "42", "shuttle", "display-name", "division by zero"]) {
    expect(stdout).toContain(expected);
  }
});

test("arithmetic: functions of a file and of the YAML, and the Lua on top", () => {
  const app = ["--app", "examples/arithmetic"];
  expect(weft(["call", "math:gcd", "21", "42", ...app]).stdout).toBe("21\n");
  expect(JSON.parse(weft(["call", "math:reduce", '{"num": 21, "den": 42}', "--json", ...app]).stdout)).toEqual({
    num: 1,
    den: 2,
  });
});

test("word-tool: words, stdin, a mounted file and the exit code are the program's", () => {
  const app = ["--app", "examples/word-tool"];
  expect(weft(["run", "list", ...app]).stdout).toContain("words");
  expect(weft(["run", "words", ...app, "echo", "hello", "from", "rust"]).stdout).toContain("hello from rust");
  expect(weft(["run", "words", ...app, "upper"], "quiet\n").stdout).toBe("QUIET\n");
  expect(weft(["run", "words", ...app, "cat", "/data/note.txt"]).stdout).toContain("may read");
  expect(weft(["run", "words", ...app, "exit", "7"]).status).toBe(7);
});

test("order-desk: an application in Wippy's format, with its command", () => {
  const app = ["--app", "examples/order-desk"];
  expect(weft(["run", "list", ...app]).stdout).toContain("Print what was paid");
  expect(weft(["run", "ledger", ...app])).toMatchObject({ status: 0, stdout: "paid\t0\tEUR\t0\n" });
});

test("embed: a TypeScript program calls entries and meets their errors", () => {
  const { status, stdout } = spawnSync("node", ["examples/embed/main.ts"], { cwd: root, encoding: "utf8" });
  expect(status).toBe(0);
  expect(stdout).toContain("display-name");
  expect(stdout).toContain("INVALID_ARGUMENT (Invalid)");
});
