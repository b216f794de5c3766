import { parseDurationMs } from "../core/durations.ts";
import { UsageError } from "./contract.ts";

/** What was written on the command line, after commander has sorted words from options. */
export class Input {
  /** Words that are no options, in order. */
  readonly words: readonly string[];
  readonly #options: Readonly<Record<string, unknown>>;

  constructor(words: readonly string[], options: Readonly<Record<string, unknown>>) {
    this.words = words;
    this.#options = options;
  }

  /** A switch such as `--json`. */
  flag(name: string): boolean {
    return this.#options[name] === true;
  }

  /** True for a switch that is on unless `--no-NAME` turns it off. */
  isOff(name: string): boolean {
    return this.#options[name] === false;
  }

  /** An option with a value, by its camelCase name. */
  text(name: string): string | undefined {
    const value = this.#options[name];
    return typeof value === "string" ? value : undefined;
  }

  /** The values of an option that may be repeated. */
  list(name: string): readonly string[] {
    const value = this.#options[name];
    return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
  }

  /** One of a few words. @throws UsageError naming them. */
  choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const text = this.text(name);
    const found = choices.find((choice) => choice === text);
    if (text !== undefined && found === undefined) {
      throw new UsageError(`--${kebab(name)} cannot be "${text}"`, `Use one of: ${choices.join(", ")}.`);
    }
    return found;
  }

  /** A time: plain milliseconds, or with a unit such as `250ms`, `2s`. @throws UsageError. */
  milliseconds(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const ms = /^\d+$/.test(text) ? Number(text) : parseDurationMs(text);
    if (ms !== undefined && ms > 0) return ms;
    throw new UsageError(
      `--${kebab(name)} cannot be "${text}"`,
      "Write milliseconds (500) or a time with a unit (2s).",
    );
  }

  /** A whole number of at least `least`. @throws UsageError. */
  count(name: string, least: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const count = /^\d{1,9}$/.test(text) ? Number(text) : -1;
    if (count >= least) return count;
    throw new UsageError(`--${kebab(name)} cannot be "${text}"`, `Write a whole number of at least ${least}.`);
  }
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
