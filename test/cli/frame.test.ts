import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { commands } from "../../src/cli/index.ts";
import { weft } from "./weft.ts";

test("weft alone tells of every command", async () => {
  const { code, stdout } = await weft([]);
  expect(code).toBe(0);
  for (const { name } of commands) expect(stdout).toMatch(new RegExp(`^ {2}${name}\\b`, "m"));
});

test("help of a command teaches by examples", async () => {
  const { code, stdout } = await weft(["call", "--help"]);
  expect(code).toBe(0);
  expect(stdout).toContain("$ weft call app:add 6 7");
  expect(stdout).toContain("--app <dir>");
});

test("every command has a summary, a description and examples of itself", () => {
  for (const { name, summary, description, examples } of commands) {
    expect(summary.length, name).toBeGreaterThan(10);
    expect(summary.length, name).toBeLessThan(80);
    expect(description, name).toMatch(/^[A-Z`].*\S$/s);
    expect(
      examples.some(({ line }) => line.includes(`weft ${name}`)),
      name,
    ).toBe(true);
  }
});

test("an unknown command is wrong usage and names the nearest", async () => {
  const { code, stdout, stderr } = await weft(["lst"]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toBe("error: unknown command 'lst'\n  help: Did you mean list?\n");
});

test("with --json wrong usage is JSON too", async () => {
  const { code, stdout, stderr } = await weft(["version", "--jso", "--json"]);
  expect({ code, stderr }).toEqual({ code: 2, stderr: "" });
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: "USAGE", kind: "Invalid", help: "Did you mean --json?" } });
});

test("version knows Node, V8 and the engines", async () => {
  const { code, stdout } = await weft(["version", "--json"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    weft: expect.stringMatching(/^\d+\.\d+\.\d+/),
    node: process.versions.node,
    v8: process.versions.v8,
    engines: { fengari: expect.any(String), wabt: expect.any(String), jco: expect.any(String) },
  });
});

test("explain tells of a code, and of the nearest for a typo", async () => {
  const known = await weft(["explain", "IMPORT_DENIED"]);
  expect(known).toMatchObject({ code: 0, stderr: "" });
  expect(known.stdout).toContain("imports");
  const typo = await weft(["explain", "IMPORT_DENID"]);
  expect(typo.code).toBe(2);
  expect(typo.stderr).toContain("Did you mean IMPORT_DENIED?");
});

test("where no app is, the way to one is shown", async () => {
  const { code, stderr } = await weft(["list"], { cwd: tmpdir() });
  expect(code).toBe(1);
  expect(stderr).toContain("there is no app in");
  expect(stderr).toContain("weft init");
});

test("NO_COLOR is obeyed, and colours can be forced", async () => {
  expect((await weft(["explain", "INTERNAL"])).stdout).not.toContain("\u001b[");
  expect((await weft(["explain", "INTERNAL"], { env: { NO_COLOR: undefined, FORCE_COLOR: "1" } })).stdout).toContain(
    "\u001b[1m",
  );
  const plain = await weft(["explain", "INTERNAL", "--no-color"], {
    env: { NO_COLOR: undefined, FORCE_COLOR: "1" },
  });
  expect(plain.stdout).not.toContain("\u001b[");
});
