import { parseDurationMs } from "../../core/durations.ts";
import { WeftError } from "../../core/errors.ts";

/** The names under which an option such as `cors.max.age` may be given: its own, with underscores, without its prefix. */
export function optionSpellings(prefix: string, name: string): readonly [string, string, string] {
  const full = `${prefix}.${name}`;
  return [full, full.replaceAll(".", "_"), name.replaceAll(".", "_")];
}

/** The options of one middleware, out of those of its whole chain: texts under dotted names, or older ones with underscores. */
export class MiddlewareOptions {
  readonly #given: Readonly<Record<string, string>>;
  readonly #prefix: string;

  /** `prefix` is what the middleware's options begin with: `cors` of `cors.max.age`. */
  constructor(prefix: string, given: Readonly<Record<string, string>>) {
    this.#given = given;
    this.#prefix = prefix;
  }

  /** The text of `cors.max.age`, also spelt `cors_max_age` or `max_age`. */
  text(name: string): string | undefined {
    const [full, older, oldest] = optionSpellings(this.#prefix, name);
    return this.#given[full] ?? this.#given[older] ?? this.#given[oldest];
  }

  /** Texts between commas. */
  list(name: string): readonly string[] | undefined {
    const parts = this.text(name)
      ?.split(",")
      .map((part) => part.trim());
    return parts?.filter((part) => part !== "");
  }

  /** @throws WeftError `INVALID_ARGUMENT`. */
  flag(name: string): boolean {
    const text = this.text(name)?.toLowerCase();
    if (text === undefined || text === "false" || text === "") return false;
    return text === "true" ? true : this.#wrong(name, "true or false");
  }

  /** A whole number from 0 up. @throws WeftError `INVALID_ARGUMENT`. */
  count(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    return /^\d{1,15}$/.test(text) ? Number(text) : this.#wrong(name, "a whole number");
  }

  /** Milliseconds of a duration. @throws WeftError `INVALID_ARGUMENT`. */
  durationMs(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    return parseDurationMs(text) ?? this.#wrong(name, "a duration such as 500ms or 1m");
  }

  #wrong(name: string, expected: string): never {
    throw new WeftError("INVALID_ARGUMENT", `${this.#prefix}.${name}: expected ${expected}, got "${this.text(name)}"`);
  }
}
