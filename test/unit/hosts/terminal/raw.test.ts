import { expect, test } from "vitest";
import { closedStdio } from "../../../../src/core/stdio.ts";
import { TerminalService } from "../../../../src/hosts/terminal/service.ts";
import { instance } from "../lua/support/instance.ts";

test("a program without a terminal cannot switch it", async () => {
  const source = `local ok, err = io.raw(true) return { ok == nil, err:message() }`;
  expect(await instance().run(source)).toEqual([true, "io.raw needs a terminal, and the program has none"]);
  // Lent to the program, but the app itself was not started on one.
  const stdio = { ...closedStdio, stdin: { isTerminal: true, read: () => undefined } };
  if (process.stdin.isTTY) return;
  expect(await instance({ stdio }).run(source)).toEqual([true, "the standard input is no terminal"]);
});

test("the terminal is switched when asked, and is as it was when the app ends", async () => {
  const switched: boolean[] = [];
  const terminal = new TerminalService({ isTTY: true, setRawMode: (on) => switched.push(on) });
  expect(terminal.ask({ do: "raw", on: true })).toBe(true);
  terminal.ask({ do: "raw", on: true });
  terminal.ask({ do: "raw", on: false });
  terminal.ask({ do: "raw", on: true });
  await terminal[Symbol.asyncDispose]();
  expect(switched).toEqual([true, false, true, false]);
});
