import * as fc from "fast-check";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Value } from "../../../../src/core/values.ts";
import { instance } from "../lua/support/instance.ts";

const outside = mkdtempSync(join(tmpdir(), "weft-fs-"));
const root = join(outside, "root");
mkdirSync(join(root, "docs/deep"), { recursive: true });
writeFileSync(join(root, "docs/a.txt"), "one\ntwo words\r\nthree");
writeFileSync(join(root, "docs/deep/b.bin"), Uint8Array.of(0, 255, 1));
writeFileSync(join(outside, "secret"), "secret");
symlinkSync("../secret", join(root, "up"));
symlinkSync("/etc/passwd", join(root, "absolute"));
symlinkSync("docs", join(root, "inside"));
afterAll(() => rmSync(outside, { recursive: true }));

const { run } = instance({ offers: { "app:files": { service: "fs", spec: { path: root } } } });

/** Runs Lua with `files` being the filesystem. */
const on = async (body: string): Promise<Value> => await run(`local files = fs.get("files") ${body}`);

describe("fs.get", () => {
  test("finds a filesystem by its id, or its name in the caller's namespace", async () => {
    expect(await run("return { fs.get('app:files'):pwd(), fs.get('files'):pwd() }")).toEqual(["/", "/"]);
  });

  test.each([
    ["fs.get('file')", "NotFound", "did you mean app:files?"],
    ["fs.get('')", "Invalid", "is required"],
  ])("%s fails with %s", async (source, kind, message) => {
    const made = await run(`local v, e = ${source} return { v == nil, e:kind(), tostring(e) }`);
    expect(made).toEqual([true, kind, expect.stringContaining(message)]);
  });
});

describe("directories", () => {
  test("are listed, looked at and moved through", async () => {
    expect(
      await on(`local found = {}
        for item in files:readdir("docs") do found[#found + 1] = item.name .. ":" .. item.type end
        files:chdir("docs/deep")
        local there = files:pwd()
        files:chdir("..")
        return { found, there, files:pwd(), files:exists("a.txt"), files:isdir("deep"), files:isdir("a.txt"), files:exists("/a.txt") }`),
    ).toEqual([["a.txt:file", "deep:directory"], "/docs/deep", "/docs", true, true, false, false]);
  });

  test("are made and removed", async () => {
    expect(
      await on(`local made = files:mkdir("/new")
        local again, taken = files:mkdir("/new")
        files:writefile("/new/x", "")
        local kept, full = files:remove("/new")
        return { made, taken:kind(), full:kind(), files:remove("/new/x"), files:remove("/new"), files:exists("/new") }`),
    ).toEqual([true, "AlreadyExists", "Invalid", true, true, false]);
  });

  test("say what they hold", async () => {
    expect(await on(`return files:stat("docs/a.txt")`)).toEqual({
      name: "a.txt",
      size: 20,
      mode: expect.any(Number),
      modified: expect.any(Number),
      is_dir: false,
      type: "file",
    });
    expect(await on(`local s = files:stat("/") return { s.name, s.is_dir, s.type == fs.type.DIR }`)).toEqual([
      "/",
      true,
      true,
    ]);
  });
});

describe("files", () => {
  test("are read and written whole", async () => {
    expect(await on(`return files:readfile("docs/deep/b.bin")`)).toEqual(Uint8Array.of(0, 255, 1));
    expect(
      await on(`files:writefile("w", "one") files:writefile("w", "two") files:writefile("w", "+", "a")
        local v, e = files:writefile("w", "x", "wx")
        local copy = files:open("w") files:writefile("w2", copy) copy:close()
        local text = { files:readfile("w"), files:readfile("w2"), e:kind() }
        files:remove("w") files:remove("w2")
        return text`),
    ).toEqual(["two+", "two+", "AlreadyExists"]);
  });

  test("are read piece by piece, and from where they are told", async () => {
    expect(
      await on(`local f = files:open("docs/a.txt")
        local first = f:read(3)
        local at = f:seek("end", -5)
        local last = f:read()
        local ended = f:read() == nil
        f:seek(fs.seek.SET, 4)
        return { first, at, last, ended, f:read(3), f:seek("cur", 1), f:close(), f:close() }`),
    ).toEqual(["one", 15, "three", true, "two", 8, true, true]);
  });

  test("are written where they are told", async () => {
    expect(
      await on(`local f = files:open("p", "w+")
        f:write("hello") f:seek("set", 0) f:write("J") f:sync()
        f:seek("set", 0)
        local text, size = f:read(), f:stat().size
        f:close() files:remove("p")
        return { text, size }`),
    ).toEqual(["Jello", 5]);
  });

  test.each([
    ["", ["one", "two words", "three"]],
    ['"words"', ["one", "two", "words", "three"]],
    ['"bytes"', Array.from("one\ntwo words\r\nthree")],
    ['"runes"', Array.from("one\ntwo words\r\nthree")],
  ])("are scanned (%s)", async (unit, pieces) => {
    expect(
      await on(`local f = files:open("docs/a.txt") local s, found = f:scanner(${unit}), {}
        while s:scan() do found[#found + 1] = s:text() end
        return { found, s:err() == nil, s:scan() }`),
    ).toEqual([pieces, true, false]);
  });

  test.each([
    [`files:open("none")`, "NotFound", "none: file not found"],
    [`files:open("docs")`, "Invalid", "it is a directory"],
    [`files:open("docs/a.txt", "rw")`, "Invalid", "no way to open a file"],
    [`files:open("docs/a.txt"):write("x")`, "Invalid", "not opened for writing"],
    [`files:open("q", "w"):read()`, "Invalid", "not opened for reading"],
    [`(function() local f = files:open("docs/a.txt") f:close() return f:read() end)()`, "Invalid", "closed"],
    [`files:open("docs/a.txt"):seek("set", -1)`, "Invalid", "before its beginning"],
    [`files:open("docs/a.txt"):seek("middle")`, "Invalid", "set, cur or end"],
    [`files:open("docs/a.txt"):scanner("pages")`, "Invalid", "lines, words"],
    [`files:chdir("docs/a.txt")`, "Invalid", "not a directory"],
    [`files:readdir("none")`, "NotFound", "file not found"],
    [`files:stat("")`, "Invalid", "a path is required"],
  ])("%s fails with %s", async (source, kind, message) => {
    expect(await on(`local v, e = ${source} return { v == nil, e:kind(), e:message() }`)).toEqual([
      true,
      kind,
      expect.stringContaining(message),
    ]);
  });
});

describe("nothing leads out", () => {
  test.each(["../secret", "/../secret", "docs/../../secret", "up", "absolute", "inside/../../secret", "docs/../up"])(
    "%s",
    async (path) => {
      expect(await on(`local v, e = files:readfile("${path}") return e:kind()`)).toBe("PermissionDenied");
    },
  );

  test("a link inside is followed", async () => {
    expect(await on(`return files:exists("inside/a.txt")`)).toBe(true);
  });

  test("no path of any form gives what is outside", async () => {
    const step = fc.constantFrom("..", ".", "", "docs", "deep", "up", "inside", "absolute", "secret", "root");
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), fc.array(step, { maxLength: 4 }), async (steps, first) => {
        const path = steps.join("/");
        const text = await on(`files:chdir("${first.join("/")}")
          local text = files:readfile("${path}")
          files:writefile("${path}", "overwritten", "a")
          return text`);
        expect(JSON.stringify(text)).not.toMatch(/secret|:0:0:/);
      }),
    );
    expect(readFileSync(join(outside, "secret"), "utf8")).toBe("secret");
  });
});

test("open files of a program are closed when it ends, and are few", async () => {
  const open = `local n = 0 for i = 1, 600 do local f, e = files:open("docs/a.txt")
    if f == nil then return { n, e:kind(), e:message() } end n = n + 1 end`;
  for (let i = 0; i < 3; i += 1) {
    expect(await on(open)).toEqual([511, "Unavailable", "docs/a.txt: too many files are open"]);
  }
});
