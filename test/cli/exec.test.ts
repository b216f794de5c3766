import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { folderWith, weft } from "./weft.ts";

const guest = (name: string): string => fileURLToPath(new URL(`../guests/${name}`, import.meta.url));
const hello = guest("c/hello/hello.wasm");
const exec = (file: string, ...args: string[]) => weft(["exec", file, ...args]);

test("a command has its words, streams and exit code", async () => {
  expect(await exec(hello, "args", "one", "--two")).toEqual({ code: 0, stdout: "one\n--two\n", stderr: "" });
  expect(await exec(hello, "exit", "7")).toEqual({ code: 7, stdout: "", stderr: "leaving 7\n" });
  expect(await weft(["exec", hello, "cat"], { stdin: "through\n" })).toEqual({
    code: 0,
    stdout: "through\n",
    stderr: "",
  });
});

test("after -- every option is the program's", async () => {
  expect(await exec(hello, "--", "args", "--json")).toMatchObject({ code: 0, stdout: "--json\n" });
});

test("a command sees the variables and folders that are named, and no others", async () => {
  await using folder = await folderWith({ "note.txt": "a note\n" });
  expect((await exec(hello, "--env", "LANG=eo", "env", "LANG")).stdout).toBe("eo");
  expect((await exec(hello, "--dir", `${folder.path}::/data::ro`, "read", "/data/note.txt")).stdout).toBe("a note\n");
  expect((await exec(hello, "read", `${folder.path}/note.txt`)).code).not.toBe(0);
  expect((await exec(hello, "--dir", `${folder.path}::/data::ro`, "write", "/data/new.txt", "x")).code).not.toBe(0);
});

test("two folders at one path are a mistake", async () => {
  await using folder = await folderWith({});
  const twice = await exec(hello, "--dir", `${folder.path}::/data`, "--dir", `${folder.path}::/data::ro`, "args");
  expect(twice).toMatchObject({ code: 2, stdout: "" });
  expect(twice.stderr).toContain("--dir shows two folders at /data");
});

test("a component is a command too", async () => {
  const tool = guest("rust/run/run-p2.wasm");
  expect(await exec(tool, "--env", "GREETING=hi", "echo", "hello")).toMatchObject({
    code: 0,
    stdout: "hello\nGREETING=hi\n",
  });
  // WASI 0.2 says only whether a command failed, not its code.
  expect(await exec(tool, "exit", "7")).toMatchObject({ code: 1, stdout: "" });
});

test("one export is called with --invoke, and its result printed", async () => {
  const arith = guest("wat/arith.wat");
  expect(await exec(arith, "--invoke", "add", "6", "7")).toEqual({ code: 0, stdout: "13\n", stderr: "" });
  expect((await exec(guest("wat/component.wasm"), "--invoke", "echo", "text", "--json")).stdout).toBe('"text"\n');
  const typed = await exec(
    guest("wat/strings.wasm"),
    "--invoke",
    "shout",
    "--wit",
    "shout: func(s: string) -> string;",
    "hi",
  );
  expect(typed).toMatchObject({ code: 0, stdout: "HI\n" });
});

test("a file that is no command names its exports, a missing export the nearest", async () => {
  const none = await exec(guest("wat/arith.wasm"));
  expect(none.code).toBe(1);
  expect(none.stderr).toContain("Choose an export with --invoke: add, sub");
  const near = await exec(guest("wat/arith.wasm"), "--invoke", "ad", "1", "2");
  expect(near.code).toBe(1);
  expect(near.stderr).toContain('did you mean "add"');
});

test("a trap is a failure that names itself", async () => {
  const { code, stdout } = await exec(guest("wat/unreachable.wasm"), "--invoke", "unreachable", "--json");
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: "TRAP_UNREACHABLE", kind: "Internal" } });
});

test("a timeout ends a program that spins", async () => {
  const { code, stderr } = await exec(guest("wat/spin.wasm"), "--invoke", "spin", "--timeout", "50ms");
  expect(code).toBe(1);
  expect(stderr).toContain("CALL_TIMEOUT");
});
