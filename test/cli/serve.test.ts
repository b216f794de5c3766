import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { folderWith, weft } from "./weft.ts";

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}

test("serves a folder until SIGTERM, tells of each file, and logs requests", async () => {
  await using folder = await folderWith({
    "math.wat": `(module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))`,
    "broken.wat": "(module",
  });
  const url = `http://127.0.0.1:${await freePort()}`;
  let answer = "";
  const ended = await weft(["serve", folder.path, "--address", url.slice("http://".length), "--isolates", "1"], {
    steps: [
      {
        at: "Ctrl-C stops it",
        act: async () =>
          void (answer = await (await fetch(`${url}/call/math/add`, { method: "POST", body: "[20, 22]" })).text()),
      },
    ],
    signals: [{ at: "path=/call/math/add", signal: "SIGTERM" }],
  });
  expect(answer).toBe("42");
  expect(ended.code).toBe(0);
  expect(ended.stdout).toBe("");
  expect(ended.stderr).toContain("ready   math.wat: add");
  expect(ended.stderr).toMatch(/failed {2}broken\.wat:1:\d+/);
  expect(ended.stderr).toContain("serves 1 function of 1 file, 1 file failed");
  expect(ended.stderr).toMatch(/request .*status=200/);
});

test.each([
  [["nowhere/at/all"], 1, "there is no folder"],
  [[".", "--address", "here"], 2, "no address"],
  [[".", "--grant", "wasi:htp"], 2, "Did you mean wasi:http"],
  [[".", "--timeout", "soon"], 2, "--timeout"],
  [[".", "--slots", "0"], 2, "--slots"],
])("weft serve %s is refused", async (args, code, message) => {
  const ended = await weft(["serve", ...args]);
  expect(ended.code).toBe(code);
  expect(ended.stderr).toContain(message);
});

test("an address that is taken is said so", async () => {
  await using folder = await folderWith({ "note.txt": "" });
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const ended = await weft(["serve", folder.path, "--address", `127.0.0.1:${port}`]);
  server.close();
  expect([ended.code, ended.stderr]).toEqual([1, expect.stringContaining("cannot listen on")]);
});
