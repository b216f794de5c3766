import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Descriptor } from "../../../../src/hosts/filesystem/descriptor.ts";
import { errorOf, openMounts } from "../support/descriptors.seam.ts";
import { folder } from "../support/folder.ts";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const follow = { symlinkFollow: true };
const read = { read: true };
const readWrite = { read: true, write: true };

/** A mount beside a file that no guest may reach. */
function mountBesideSecret() {
  const { path, at } = folder({ "secret.txt": "secret", "mount/sub/a.txt": "inside", "mount/b.txt": "inside" });
  const mounts = openMounts([{ guest: "/m", path: at("mount"), readOnly: false }]);
  return { root: mounts.at("/m"), path, at };
}

/** Everything that takes a path, applied to one. */
function everyUse(root: Descriptor, path: string): readonly (() => unknown)[] {
  return [
    () => root.openAt(follow, path, {}, read),
    () => root.openAt(follow, path, { create: true }, readWrite),
    () => root.openAt(follow, path, { directory: true }, read),
    () => root.statAt(follow, path),
    () => root.metadataHashAt(follow, path),
    () => root.setTimesAt(follow, path, { tag: "now" }, { tag: "now" }),
    () => root.linkAt(follow, path, root, "stolen"),
    () => root.createDirectoryAt(`${path}/new`),
    () => root.removeDirectoryAt(`${path}/x`),
    () => root.unlinkFileAt(`${path}/x`),
    () => root.readlinkAt(`${path}/x`),
    () => root.renameAt(`${path}/x`, root, "stolen"),
    () => root.renameAt("b.txt", root, `${path}/x`),
    () => root.symlinkAt("b.txt", `${path}/x`),
  ];
}

describe("a path that leads out of its mount is not permitted", () => {
  test.each(["..", "../secret.txt", "sub/../../secret.txt", "./../secret.txt", "sub/./.././..", "sub//..//..//x"])(
    "by dots: %s",
    (path) => {
      const { root, at } = mountBesideSecret();
      for (const use of everyUse(root, path)) expect(errorOf(use)).toBe("not-permitted");
      expect(readdirSync(at(""))).toEqual(["mount", "secret.txt"]);
    },
  );

  test.each(["/", "/etc/passwd", "//secret.txt", "/../secret.txt"])("by being absolute: %s", (path) => {
    const { root } = mountBesideSecret();
    for (const use of everyUse(root, path)) expect(errorOf(use)).toBe("not-permitted");
  });

  test.each(["../secret.txt", "..", "sub/../../secret.txt", "/etc", "/", "hop"])("by a link to %s", (target) => {
    const { root, at } = mountBesideSecret();
    symlinkSync("../", at("mount/hop"));
    symlinkSync(target, at("mount/out"));
    for (const use of everyUse(root, "out")) expect(errorOf(use)).toBe("not-permitted");
    for (const use of everyUse(root, "out/secret.txt")) expect(errorOf(use)).toBe("not-permitted");
    expect(readFileSync(at("secret.txt"), "utf8")).toBe("secret");
  });

  test("by dots from a directory that the guest has opened itself", () => {
    const { root } = mountBesideSecret();
    const sub = root.openAt({}, "sub", { directory: true }, read);
    expect(errorOf(() => sub.openAt({}, "../b.txt", {}, read))).toBe("not-permitted");
    expect(text(root.openAt({}, "sub/../b.txt", {}, read).read(9n, 0n)[0])).toBe("inside");
  });
});

describe("links", () => {
  test("inside of the mount are followed, also upwards", () => {
    const { root, at } = mountBesideSecret();
    symlinkSync("../b.txt", at("mount/sub/up"));
    symlinkSync("sub", at("mount/folder"));
    expect(text(root.openAt(follow, "sub/up", {}, read).read(9n, 0n)[0])).toBe("inside");
    expect(text(root.openAt({}, "folder/a.txt", {}, read).read(9n, 0n)[0])).toBe("inside");
    expect(text(root.openAt(follow, "folder/up", {}, read).read(9n, 0n)[0])).toBe("inside");
    expect(root.statAt({}, "folder/").type).toBe("directory");
  });

  test("that lead in a circle end with an error", () => {
    const { root, at } = mountBesideSecret();
    symlinkSync("two", at("mount/one"));
    symlinkSync("one", at("mount/two"));
    expect(errorOf(() => root.openAt(follow, "one", {}, read))).toBe("loop");
    expect(errorOf(() => root.openAt({}, "one/x", {}, read))).toBe("loop");
  });

  test("to an absolute path can be neither made nor read", () => {
    const { root, at } = mountBesideSecret();
    symlinkSync(at("secret.txt"), at("mount/absolute"));
    expect(errorOf(() => root.symlinkAt("/etc/passwd", "x"))).toBe("not-permitted");
    expect(errorOf(() => root.readlinkAt("absolute"))).toBe("not-permitted");
    root.unlinkFileAt("absolute");
    expect(readFileSync(at("secret.txt"), "utf8")).toBe("secret");
  });
});

describe("a directory that is swapped while a guest holds it", () => {
  test("for a link to the outside leads nowhere new", () => {
    const { root, at } = mountBesideSecret();
    const sub = root.openAt({}, "sub", { directory: true }, read);
    renameSync(at("mount/sub"), at("mount/moved"));
    symlinkSync(at(""), at("mount/sub"));
    expect(text(sub.openAt({}, "a.txt", {}, read).read(9n, 0n)[0])).toBe("inside");
    expect(errorOf(() => sub.openAt({}, "secret.txt", {}, read))).toBe("no-entry");
    expect(errorOf(() => root.openAt({}, "sub/secret.txt", {}, read))).toBe("not-permitted");
  });

  test("again and again is never followed out", () => {
    const { root, at } = mountBesideSecret();
    symlinkSync(at(""), at("link"));
    mkdirSync(at("real"));
    for (let round = 0; round < 200; round++) {
      const shown = round % 2 === 0 ? "link" : "real";
      renameSync(at(shown), at("mount/swapped"));
      expect(errorOf(() => root.openAt(follow, "swapped/secret.txt", {}, read))).not.toBe("no error");
      renameSync(at("mount/swapped"), at(shown));
    }
  });

  test("by another thread meanwhile is never followed out", async () => {
    const { root, at } = mountBesideSecret();
    symlinkSync(at(""), at("mount/link"));
    mkdirSync(at("mount/real"));
    const swapper = new Worker(swap, { eval: true, workerData: at("mount") });
    await once(swapper, "message");
    for (let round = 0; round < 5_000; round++) {
      expect(errorOf(() => root.openAt(follow, "swapped/secret.txt", {}, read))).not.toBe("no error");
    }
    await swapper.terminate();
  });

  test("moved out of the mount does not take its guest along by dots", () => {
    const { root, at } = mountBesideSecret();
    const sub = root.openAt({}, "sub", { directory: true }, read);
    renameSync(at("mount/sub"), at("outside"));
    expect(errorOf(() => sub.openAt({}, "../secret.txt", {}, read))).toBe("not-permitted");
    rmSync(at("outside"), { recursive: true });
    expect(errorOf(() => sub.openAt({}, "a.txt", {}, read))).toBe("no-entry");
  });
});

/** Makes `swapped` a link out of the mount and a directory in it by turns, as fast as it can. */
const swap = `
  const { renameSync } = require("node:fs");
  const { parentPort, workerData } = require("node:worker_threads");
  for (let round = 0; ; round++) {
    const shown = workerData + (round % 2 ? "/link" : "/real");
    renameSync(shown, workerData + "/swapped");
    renameSync(workerData + "/swapped", shown);
    if (round === 10) parentPort.postMessage("swapping");
  }
`;

describe("two mounts", () => {
  test("exchange files only if both may be changed", () => {
    const [a, b] = [folder({ "a.txt": "a" }), folder({ "b.txt": "b" })];
    const mounts = openMounts([
      { guest: "/a", path: a.path, readOnly: false },
      { guest: "/b", path: b.path, readOnly: false },
    ]);
    mounts.at("/a").renameAt("a.txt", mounts.at("/b"), "moved.txt");
    expect(readdirSync(b.path).toSorted()).toEqual(["b.txt", "moved.txt"]);
    expect(errorOf(() => mounts.at("/a").renameAt("../x", mounts.at("/b"), "y"))).toBe("not-permitted");
    expect(errorOf(() => mounts.at("/b").renameAt("b.txt", mounts.at("/a"), "../stolen"))).toBe("not-permitted");
  });
});

describe("names that no file can have", () => {
  test("are errors, not crashes", () => {
    const { root } = mountBesideSecret();
    expect(errorOf(() => root.statAt({}, ""))).toBe("no-entry");
    expect(errorOf(() => root.statAt({}, "a\0b"))).toBe("invalid");
    expect(errorOf(() => root.statAt({}, "x".repeat(5_000)))).toBe("name-too-long");
    expect(errorOf(() => root.statAt({}, "x".repeat(300)))).toBe("name-too-long");
    expect(errorOf(() => root.statAt({}, "sub/".repeat(2_000)))).toBe("name-too-long");
  });

  test("and any mix of components never reach what is outside", () => {
    const { root, at } = mountBesideSecret();
    symlinkSync("..", at("mount/sub/up"));
    symlinkSync("../..", at("mount/sub/out"));
    const component = fc.constantFrom("..", ".", "", "sub", "up", "out", "secret.txt", "a.txt", "b.txt", "mount");
    fc.assert(
      fc.property(fc.array(component, { minLength: 1, maxLength: 8 }), fc.boolean(), (parts, symlinkFollow) => {
        const opened = errorOf(() => {
          const file = root.openAt({ symlinkFollow }, parts.join("/"), {}, read);
          const content = file.getType() === "directory" ? "directory" : text(file.read(99n, 0n)[0]);
          file[Symbol.dispose]();
          if (content !== "directory" && content !== "inside") throw new Error(`reached ${content}`);
        });
        expect(opened).not.toBeInstanceOf(Error);
      }),
      { numRuns: 2_000 },
    );
    expect(readdirSync("/proc/self/fd").length).toBeLessThan(200);
  });
});
