import { expect, test } from "vitest";
import { translateFlags } from "../../../src/cli/short-flags.ts";

const translated = (line: string) => translateFlags(line.split(" ")).join(" ");

test("Wippy's flags before a command's words are read as Weft's", () => {
  expect(translated("run -c")).toBe("run --log-level info");
  expect(translated("-v run -s")).toBe("--verbose run --log-level silent");
  expect(translated("run --host app:term -x app:tool -c")).toBe("run --host app:term -x app:tool --log-level info");
});

test("flags after a command's name, and after --, are the command's own", () => {
  expect(translated("run tool -v -c")).toBe("run tool -v -c");
  expect(translated("run -c tool -c")).toBe("run --log-level info tool -c");
  expect(translated("run -- -c")).toBe("run -- -c");
});
