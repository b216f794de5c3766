import { describe, expect, test } from "vitest";
import type { Log } from "../../../../src/core/log.ts";
import { bindHosts } from "../../../../src/hosts/index.ts";
import { loggedCharacters } from "../../../../src/hosts/log/p2.ts";
import { imported } from "../support/imports.seam.ts";
import { instance, ports } from "../support/instance.ts";

function logging() {
  const lines: unknown[] = [];
  const line =
    (level: string) =>
    (message: string, fields: unknown): void =>
      void lines.push([level, message, fields]);
  const log: Log = { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
  const guest = instance({ ports: { ...ports(), log } });
  const wanted = [{ interface: "wasi:logging/logging", version: "0.1.0-draft" }];
  const { imports } = bindHosts(guest, ["wasi:logging"], wanted);
  return { lines, log: imported(imports, "wasi:logging/logging", "log") };
}

describe("wasi:logging", () => {
  const from = { id: "app:guest", pid: "{app:guest|1}" };

  test("writes a line of each level, with who wrote it", () => {
    const { lines, log } = logging();
    for (const level of ["trace", "debug", "info", "warn", "error", "critical"]) log(level, "", `at ${level}`);
    expect(lines).toEqual([
      ["debug", "at trace", { ...from, level: "trace" }],
      ["debug", "at debug", from],
      ["info", "at info", from],
      ["warn", "at warn", from],
      ["error", "at error", from],
      ["error", "at critical", { ...from, level: "critical" }],
    ]);
  });

  test("names the context it was written in", () => {
    const { lines, log } = logging();
    log("info", "db", "open");
    expect(lines).toEqual([["info", "open", { ...from, logger: "db" }]]);
  });

  test("cuts what is longer than the limit", () => {
    const { lines, log } = logging();
    log("info", "", "a".repeat(loggedCharacters));
    log("info", "", "a".repeat(loggedCharacters + 1));
    expect(lines).toEqual([
      ["info", "a".repeat(loggedCharacters), from],
      ["info", `${"a".repeat(loggedCharacters)}…`, from],
    ]);
  });
});
