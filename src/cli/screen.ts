import { styleText } from "node:util";
import { toJson } from "../core/json.ts";

/** Styles that texts may have; none is used when the stream is no terminal or NO_COLOR is set. */
export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** A stream to write on, as `process.stdout` is one. */
export type TextStream = NodeJS.WritableStream & { readonly isTTY?: boolean | undefined };

/** Results go to stdout, talk to stderr. With `json`, stdout carries nothing but the JSON of the result. */
export class Screen {
  readonly json: boolean;
  readonly verbose: boolean;
  readonly #stdout: TextStream;
  readonly #stderr: TextStream;

  constructor(
    options: { readonly json: boolean; readonly verbose: boolean },
    streams: { readonly stdout: TextStream; readonly stderr: TextStream } = process,
  ) {
    this.json = options.json;
    this.verbose = options.verbose;
    this.#stdout = streams.stdout;
    this.#stderr = streams.stderr;
  }

  /** Gives a command's result: as JSON, or as the text that people read. */
  result(data: unknown, text: () => string): void {
    if (this.json) this.#stdout.write(`${toJson(data, 2)}\n`);
    else this.print(text());
  }

  /** Writes a line of the result for people; with `json` nothing. */
  print(line: string): void {
    if (!this.json) this.#stdout.write(`${line}\n`);
  }

  /** Writes bytes to stdout as they are. */
  printBytes(bytes: Uint8Array): void {
    if (!this.json) this.#stdout.write(bytes);
  }

  /** Writes a line about the work. */
  talk(line: string): void {
    this.#stderr.write(`${line}\n`);
  }

  /** Styles a text for stdout. */
  paint(style: Style | readonly Style[], text: string): string {
    return styleText(style, text, { stream: this.#stdout });
  }

  /** Styles a text for stderr. */
  paintTalk(style: Style | readonly Style[], text: string): string {
    return styleText(style, text, { stream: this.#stderr });
  }

  /** True when texts for stdout may have colours. */
  get hasColor(): boolean {
    return this.paint("bold", "x") !== "x";
  }

  /** True when texts for stderr may have colours. */
  get talkHasColor(): boolean {
    return this.paintTalk("bold", "x") !== "x";
  }

  /** A line on a terminal's stderr that is written over again and again; nothing elsewhere. */
  progress(): Progress {
    return new Progress(this.#stderr.isTTY === true && !this.verbose ? this.#stderr : undefined);
  }
}

/** A terminal is narrower than this only for people who know why. */
const progressColumns = 79;

/** One line that tells how far long work is. Dispose it to clear the line. */
export class Progress implements Disposable {
  readonly #stream: TextStream | undefined;
  #shown = false;

  constructor(stream: TextStream | undefined) {
    this.#stream = stream;
  }

  show(text: string): void {
    if (this.#stream === undefined) return;
    this.#shown = true;
    this.#stream.write(`\r\u001b[K${text.slice(0, progressColumns)}`);
  }

  [Symbol.dispose](): void {
    if (this.#shown) this.#stream?.write("\r\u001b[K");
    this.#shown = false;
  }
}
