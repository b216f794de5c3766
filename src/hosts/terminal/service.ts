import { stdin } from "node:process";
import { WeftError } from "../../core/errors.ts";
import type { Service } from "../service.ts";

/** What isolates ask of the terminal: to hand over keys one by one, or lines again. */
export interface TerminalRequest {
  readonly do: "raw";
  readonly on: boolean;
}

/** The part of a terminal's input that is switched. */
export interface TerminalInput {
  readonly isTTY?: boolean;
  setRawMode(on: boolean): unknown;
}

/** The terminal of the app, if it was started on one. The thread that reads it switches it. */
export class TerminalService implements Service<TerminalRequest, never> {
  readonly #input: TerminalInput;
  #isRaw = false;

  constructor(input: TerminalInput = stdin) {
    this.#input = input;
  }

  add(): void {
    throw new Error("no entry offers a terminal");
  }

  remove(): void {
    throw new Error("no entry offers a terminal");
  }

  ask({ on }: TerminalRequest): true {
    if (this.#input.isTTY !== true) throw new WeftError("UNSUPPORTED", "the standard input is no terminal");
    if (on !== this.#isRaw) this.#input.setRawMode(on);
    this.#isRaw = on;
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The shell that comes after us expects lines.
    if (this.#isRaw) this.#input.setRawMode(false);
    this.#isRaw = false;
  }
}
