import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { UsageError } from "../../../src/cli/contract.ts";
import { printFailure, toFailure } from "../../../src/cli/failure.ts";
import { createLog } from "../../../src/cli/log.ts";
import { Screen } from "../../../src/cli/screen.ts";
import { WeftError } from "../../../src/core/errors.ts";

interface Said {
  stdout: string;
  stderr: string;
}

/** What a door prints for an error. */
function say(thrown: unknown, options: { json?: boolean; verbose?: boolean } = {}): Said & { exitCode: number } {
  const { said, screen } = listen(options);
  const failure = toFailure(thrown);
  printFailure(failure, screen);
  return { ...said, exitCode: failure.exitCode };
}

function listen({ json = false, verbose = false }: { json?: boolean; verbose?: boolean } = {}): {
  said: Said;
  screen: Screen;
} {
  const said = { stdout: "", stderr: "" };
  const stream = (name: keyof Said): Writable =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        said[name] += chunk.toString();
        done();
      },
    });
  return { said, screen: new Screen({ json, verbose }, { stdout: stream("stdout"), stderr: stream("stderr") }) };
}

test("an error says what, why and how to mend", () => {
  const cause = new Error("the disk is full");
  const { stdout, stderr, exitCode } = say(new WeftError("ENTRY_NOT_FOUND", "there is no entry app:x", { cause }));
  expect(stdout).toBe("");
  expect(stderr.split("\n").slice(0, 3)).toEqual([
    "error: there is no entry app:x [ENTRY_NOT_FOUND]",
    "  because: the disk is full",
    "  help: No entry has this id; `weft list` shows those that exist.",
  ]);
  expect(exitCode).toBe(1);
});

test("with --json an error is one object on stdout", () => {
  const { stdout, stderr } = say(new WeftError("CALL_TIMEOUT", "too slow", { details: { entry: "app:x" } }), {
    json: true,
  });
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toEqual({
    error: {
      code: "CALL_TIMEOUT",
      kind: "Timeout",
      message: "too slow",
      retryable: true,
      details: { entry: "app:x" },
      help: "Raise `limits.max_execution_ms` or the caller's timeout, or make the work smaller.",
    },
  });
});

test("wrong usage is exit code 2", () => {
  const { stderr, exitCode } = say(new UsageError("unknown option --jsn", "Did you mean --json?"));
  expect(stderr).toBe("error: unknown option --jsn\n  help: Did you mean --json?\n");
  expect(exitCode).toBe(2);
});

test("a bug shows its stack only with --verbose", () => {
  const bug = new TypeError("x is not a function");
  expect(say(bug).stderr).not.toContain("    at ");
  expect(say(bug).stderr).toContain("Add --verbose");
  expect(say(bug, { verbose: true }).stderr).toContain("    at ");
  expect(say(bug).exitCode).toBe(1);
});

test("where the guest was is shown", () => {
  expect(
    say(new WeftError("TRAP_UNREACHABLE", "unreachable", { guestStack: "app:f.inner\napp:f.outer" })).stderr,
  ).toContain("  at app:f.inner\n  at app:f.outer\n");
});

test("with --json only results reach stdout, whatever else is printed", () => {
  const { said, screen } = listen({ json: true });
  screen.print("for people");
  screen.talk("about the work");
  screen.result({ n: 1n }, () => "one");
  expect(said).toEqual({ stdout: '{\n  "n": 1\n}\n', stderr: "about the work\n" });
});

test("progress is silent where no terminal is", () => {
  const { said, screen } = listen();
  using progress = screen.progress();
  progress.show("1/2");
  expect(said.stderr).toBe("");
});

test("log lines have level and fields; below the level nothing is written", async () => {
  const lines: string[] = [];
  const common = {
    level: "info",
    write: (line: string) => lines.push(line),
    paint: (_: string, text: string) => text,
  } as const;
  const human = await createLog({ ...common, format: "human" });
  human.debug("hidden");
  human.warn("slow call", { id: "app:f", text: "two words" });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^ *\d+\.\d{3} warn {2}slow call id=app:f text="two words"\n$/);
  const json = await createLog({ ...common, format: "json" });
  json.info("started", { n: 1 });
  expect(JSON.parse(lines[1] ?? "")).toMatchObject({ level: "info", msg: "started", n: 1 });
});
