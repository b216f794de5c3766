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

test("options of commands may stand before the command's name, as Wippy has them", () => {
  expect(translated("--config other.yaml run tool -c")).toBe("run --config other.yaml tool -c");
  expect(translated("-e -m 512MB -p run")).toBe(
    "run --set logmanager.stream_to_events=true --memory-limit 512MB --profiler",
  );
  expect(translated("-v --config=other.yaml registry list")).toBe("--verbose registry list --config=other.yaml");
  expect(translated("--config other.yaml")).toBe("--config other.yaml");
});
