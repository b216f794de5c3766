import { parse } from "dotenv";
import * as fc from "fast-check";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WeftError } from "../../../../src/core/errors.ts";
import { withValue } from "../../../../src/hosts/env/file.ts";
import type { ServiceOffer } from "../../../../src/hosts/services.ts";
import { instance } from "../lua/support/instance.ts";

const variable = (storage: string, more: { name?: string; key?: string; default?: string; readOnly?: boolean } = {}) =>
  ({
    service: "env",
    spec: {
      type: "variable",
      publicName: more.name,
      key: more.key ?? more.name ?? "KEY",
      storage,
      default: more.default,
      readOnly: more.readOnly ?? false,
    },
  }) as const satisfies ServiceOffer;

const storage = (spec: Exclude<(ServiceOffer & { service: "env" })["spec"], { type: "variable" }>) =>
  ({ service: "env", spec }) as const;

describe("env", () => {
  const { run } = instance({
    offers: {
      "app:memory": storage({ type: "memory" }),
      "app:fixed": storage({ type: "static", values: { REGION: "north", BOTH: "fixed" } }),
      "app:os": storage({ type: "os" }),
      "app:all": storage({ type: "router", storages: ["app:fixed", "app:memory"] }),
      "app:walls": storage({ type: "router", storages: ["app:fixed", "app:os"] }),
      "app:region": variable("app:all", { name: "REGION" }),
      "app:mode": variable("app:memory", { name: "MODE", default: "slow" }),
      "app:hidden": variable("app:memory", { key: "hidden" }),
      "app:both": variable("app:all", { name: "BOTH" }),
      "app:locked": variable("app:memory", { name: "LOCKED", default: "1", readOnly: true }),
      "app:empty": variable("app:memory", { name: "EMPTY" }),
      "app:walled": variable("app:walls", { name: "WALLED" }),
      "app:path": variable("app:os", { name: "PATH" }),
      "other:thing": variable("app:memory", { key: "thing", default: "theirs" }),
    },
  });

  test("finds a variable by its name, its id, and its name in the caller's namespace", async () => {
    expect(await run("return { env.get('REGION'), env.get('app:region'), env.get('region') }")).toEqual([
      "north",
      "north",
      "north",
    ]);
    expect(await run("return env.get('other:thing')")).toBe("theirs");
  });

  test("a variable without a public name has only its id, and is not listed", async () => {
    expect(await run("env.set('app:hidden', 'x') return { env.get('hidden'), env.get_all().hidden == nil }")).toEqual([
      "x",
      true,
    ]);
  });

  test("what is set is got, before the default; empty text is a value", async () => {
    const source =
      "local before = env.get('MODE') env.set('MODE', '') return { before, env.get('MODE'), env.get_all().MODE }";
    expect(await run(source)).toEqual(["slow", "", ""]);
  });

  test("a router reads what stands first and writes where it can", async () => {
    expect(await run("return { env.set('BOTH', 'new'), env.get('BOTH') }")).toEqual([true, "fixed"]);
  });

  test("lists every name that has a value", async () => {
    const all = await run("local all = env.get_all() all.PATH = nil return all");
    expect(all).toMatchObject({ REGION: "north", LOCKED: "1" });
    expect(all).not.toHaveProperty("EMPTY");
  });

  test("reads what Weft was started with", async () => {
    expect(await run("return env.get('PATH')")).toBe(process.env["PATH"]);
  });

  test.each([
    ["env.get('NOTHING')", "NotFound", "the variable NOTHING was not found"],
    ["env.get('REGIO')", "NotFound", "did you mean REGION?"],
    ["env.get('EMPTY')", "NotFound", "it has no value"],
    ["env.get('HOME')", "NotFound", "the variable HOME was not found"],
    ["env.get('')", "Invalid", "the name of a variable is required"],
    ["env.set('LOCKED', 'x')", "PermissionDenied", "app:locked is read-only"],
    ["env.set('PATH', 'x')", "PermissionDenied", "app:os, which holds the variable app:path, cannot be written to"],
    ["env.set('WALLED', 'x')", "PermissionDenied", "none of the router's storages"],
    ["env.set('NOTHING', 'x')", "NotFound", "was not found"],
  ])("%s fails with %s", async (source, kind, message) => {
    expect(await run(`local v, e = ${source} return { v == nil, e:kind(), e:message() }`)).toEqual([
      true,
      kind,
      expect.stringContaining(message),
    ]);
  });
});

describe("a dotenv file", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "weft-env-"));
  });
  afterAll(async () => await rm(folder, { recursive: true, force: true }));

  const world = (path: string, create = true) =>
    instance({
      offers: {
        "app:file": storage({ type: "file", path, create, fileMode: 0o600, dirMode: 0o700 }),
        "app:a": variable("app:file", { name: "A" }),
        "app:b": variable("app:file", { name: "B", default: "none" }),
      },
    });

  test("is made when a variable is set, and read again whenever it is asked for", async () => {
    const path = join(folder, "deep", "new.env");
    const { run } = world(path);
    expect(await run("local none = env.get('A') env.set('A', 'one two') return { none == nil, env.get('A') }")).toEqual(
      [true, "one two"],
    );
    await writeFile(path, "# mine\nexport A='three'\n");
    expect(await run("return { env.get('A'), env.get('B') }")).toEqual(["three", "none"]);
    expect(await readdir(join(folder, "deep"))).toEqual(["new.env"]);
  });

  test("is not made without leave", async () => {
    const { run } = world(join(folder, "missing.env"), false);
    expect(await run("local v, e = env.set('A', 'x') return { e:kind(), env.get('B') }")).toEqual(["NotFound", "none"]);
  });

  test("keeps everything else when a variable is set, and each of many writes", async () => {
    const path = join(folder, "kept.env");
    await writeFile(path, `# about A\nA="old\nlines"\n\nOTHER = 'x' # why\nA=again\n`);
    const { run } = world(path);
    await run("local a = coroutine.spawn(function() env.set('A', '1') end) env.set('B', '2') time.sleep('20ms')");
    const text = await readFile(path, "utf8");
    expect(parse(text)).toEqual({ A: "1", B: "2", OTHER: "x" });
    expect(text).toContain("# about A\n");
    expect(text).toContain("OTHER = 'x' # why\n");
  });

  test("gives back every text that it takes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (value) => {
        const before = "X=1\nKEY=old\n";
        let text: string;
        try {
          text = withValue(before, { key: "KEY", value, parse });
        } catch (error) {
          expect(error).toBeInstanceOf(WeftError);
          return;
        }
        expect(parse(text)).toEqual({ X: "1", KEY: value });
      }),
    );
    expect(() => withValue("", { key: "A B", value: "", parse })).toThrow("is no name");
  });
});
