import { describe, expect, test } from "vitest";
import { bindHosts, hostForInterface, hosts, isSuspending, resolveGrant } from "../../../src/hosts/index.ts";
import { satisfies } from "../../../src/hosts/version.ts";
import { instance } from "./support/instance.ts";

const sleeperImports = [
  { interface: "wasi:clocks/monotonic-clock", version: "0.2.0" },
  { interface: "wasi:io/poll", version: "0.2.0" },
];

describe("the table of hosts", () => {
  test("has members whose names and grants are their own", () => {
    const names = hosts.map((host) => host.name);
    const grants = hosts.flatMap((host) => host.grants);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(grants).size).toBe(grants.length);
  });

  test.each(hosts)("$name resolves by each of its grants and binds what it promises", (host) => {
    for (const grant of host.grants) expect(resolveGrant(grant).host).toBe(host);
    if (host.p2 === undefined) return;
    using bound = host.p2.bind(instance());
    expect(Object.keys(bound.imports).toSorted()).toEqual(Object.keys(host.p2.interfaces).toSorted());
    for (const [name, { suspending }] of Object.entries(host.p2.interfaces)) {
      expect(hostForInterface(name)).toBe(host);
      for (const func of suspending) expect(implementation(bound.imports[name] ?? {}, func)).toBeTypeOf("function");
    }
  });
});

/** Finds a function by its WIT name, as an engine does. */
function implementation(members: Readonly<Record<string, unknown>>, name: string): unknown {
  const camel = (word: string): string => word.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  const method = /^\[method\](.+)\.(.+)$/.exec(name);
  if (method === null) return members[camel(name)];
  const [, resource = "", func = ""] = method;
  const made = members[camel(`-${resource}`)];
  return typeof made === "function" ? Reflect.get(Object(made.prototype), camel(func)) : undefined;
}

describe("an item of imports", () => {
  test.each([
    ["wasi:clocks", "clocks"],
    ["wasi:clocks@0.2.3", "clocks"],
    [" WASI:Clocks/wall-clock@0.2.3 ", "clocks"],
    ["wasi:io", "io"],
    ["wasi:poll", "poll"],
    ["wasi:io/poll", "poll"],
    ["wasi1", "preview1"],
    ["wasi-preview1", "preview1"],
    ["preview1", "preview1"],
    ["wasi_snapshot_preview1", "preview1"],
    ["funcs", "funcs"],
    ["wippy:runtime/funcs", "funcs"],
    ["weft:runtime/funcs@0.1.0", "funcs"],
    ["anything:funcs", "funcs"],
    ["wasi:sockets/tcp", "sockets"],
    ["wasi:http", "http-client"],
  ])("%s grants %s", (text, name) => {
    expect(resolveGrant(text).host?.name).toBe(name);
  });

  test.each(["wasi:http/incoming-handler", "wasi:cli/run", "wasi:nothing", "", ":"])("%s is not known", (text) => {
    expect(resolveGrant(text).host).toBeUndefined();
  });

  test("that is misspelt gets the nearest names", () => {
    expect(resolveGrant("wasi:clock").nearest).toContain("wasi:clocks");
    expect(resolveGrant("func").nearest).toContain("funcs");
    expect(resolveGrant("wasi:filesytem").nearest).toEqual(["wasi:filesystem"]);
  });
});

describe("functions that may wait", () => {
  test("are known by interface and name", () => {
    expect(isSuspending("wasi:io/poll", "poll")).toBe(true);
    expect(isSuspending("wasi:io/poll", "[method]pollable.block")).toBe(true);
    expect(isSuspending("wasi:io/poll", "[method]pollable.ready")).toBe(false);
    expect(isSuspending("wasi:io/streams", "[method]input-stream.blocking-read")).toBe(true);
    expect(isSuspending("wasi:io/streams", "[method]output-stream.blocking-write-and-flush")).toBe(false);
    expect(isSuspending("wippy:runtime/funcs", "call-string")).toBe(true);
    expect(isSuspending("test:minimal/host", "compute")).toBe(false);
  });
});

describe("binding", () => {
  test("gives only what is both granted and wanted", () => {
    const { imports } = bindHosts(instance(), ["wasi:clocks", "wasi:random"], sleeperImports);
    expect(Object.keys(imports)).toEqual(["wasi:clocks/monotonic-clock"]);
    expect(bindHosts(instance(), [], sleeperImports).imports).toEqual({});
  });

  test("does not leak from one entry to the next, in either order", () => {
    const granted = () => Object.keys(bindHosts(instance(), ["wasi:clocks", "wasi:poll"], sleeperImports).imports);
    const denied = () => Object.keys(bindHosts(instance(), [], sleeperImports).imports);
    expect([granted(), denied(), granted(), denied()].map((names) => names.length)).toEqual([2, 0, 2, 0]);
  });

  test("names the line that would allow a denied import", () => {
    const { denied } = bindHosts(instance({ id: "app:sleeper" }), [], sleeperImports);
    expect(denied("wasi:clocks/monotonic-clock", "now")).toMatchObject({
      code: "IMPORT_DENIED",
      kind: "PermissionDenied",
      message:
        'app:sleeper imports wasi:clocks/monotonic-clock, which it was not granted: add "wasi:clocks" to its imports',
    });
    expect(denied("wasi:io/poll", "poll").message).toContain('add "wasi:poll"');
    expect(denied("wippy:runtime/funcs", "call-string").message).toContain('add "funcs"');
  });

  test("tells what nobody provides from what is to come", () => {
    const { denied } = bindHosts(
      instance(),
      ["wasi:http"],
      [{ interface: "wasi:clocks/wall-clock", version: "0.3.0" }],
    );
    expect(denied("test:minimal/host", "compute")).toMatchObject({
      code: "TRAP_MISSING_IMPORT",
      message:
        "app:guest called compute of test:minimal/host, which no host provides: " +
        "add {interface: test:minimal/host, from: namespace:entry} to its imports to have an entry serve it",
    });
    expect(denied("wasi:http/types", "[method]fields.get")).toMatchObject({ code: "UNSUPPORTED" });
    expect(denied("wasi:sockets/tcp", "x")).toMatchObject({ code: "IMPORT_DENIED" });
  });

  test("refuses a version that does not fit and says which one there is", () => {
    const wanted = [{ interface: "wasi:clocks/wall-clock", version: "0.3.0" }];
    const { imports, denied } = bindHosts(instance(), ["wasi:clocks"], wanted);
    expect(imports).toEqual({});
    expect(denied("wasi:clocks/wall-clock", "now").message).toContain("version 0.2.8");
  });
});

describe("a version", () => {
  test.each([
    ["0.2.8", "0.2.0", true],
    ["0.2.8", "0.2.8", true],
    ["0.2.8", "0.2.12", true],
    ["0.2.8", undefined, true],
    ["0.2.8", "0.3.0", false],
    ["0.2.8", "0.1.0", false],
    ["1.4.0", "1.2.9", true],
    ["1.4.0", "1.5.0", false],
    ["2.0.0", "1.0.0", false],
    ["0.2.8", "0.2.0-rc-2023-11-10", false],
  ])("%s satisfies %s: %s", (implemented, wanted, expected) => {
    expect(satisfies(implemented, wanted)).toBe(expected);
  });
});

describe("hosts of an instance whose call is over", () => {
  const wanted = [...sleeperImports, { interface: "wasi:random/random", version: "0.2.0" }];

  test("may serve the next one where they keep nothing", () => {
    using bound = bindHosts(instance(), ["wasi:clocks", "wasi:poll", "wasi:random"], wanted);
    expect(bound.isClean?.()).toBe(true);
  });

  test("may not where one of them goes on from what was before", () => {
    using seeded = bindHosts(instance({ randomSeed: 7n }), ["wasi:clocks", "wasi:poll", "wasi:random"], wanted);
    expect(seeded.isClean?.()).toBe(false);
    using printing = bindHosts(instance(), ["wasi:cli"], [{ interface: "wasi:cli/stdout" }]);
    expect(printing.isClean?.()).toBe(false);
  });
});
