import { isUtf8 } from "node:buffer";
import type { HeaderPairs } from "../../core/http.ts";
import { WeftError } from "../../core/errors.ts";

const namePattern = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Line ends and zeros would let a value write headers of its own. */
// oxlint-disable-next-line no-control-regex
const forbidden = /[\u0000-\u0008\u000a-\u001f\u007f]/;
// oxlint-disable-next-line no-control-regex
const beyondLatin = /[^\u0000-\u00ff]|[\u0080-\u00ff]/;

/** Headers of the connection: the server writes them itself. */
const ofConnection = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Headers of a response, as its program sets them. */
export class ResponseHeaders {
  readonly #values = new Map<string, string[]>();

  /** Sets a header in place of what it was. @throws WeftError `INVALID_ARGUMENT` for what is no header. */
  set(name: string, value: string): void {
    this.#write(name, value, (key, text) => this.#values.set(key, [text]));
  }

  /** Adds a header to those of its name. @throws as `set`. */
  append(name: string, value: string): void {
    this.#write(name, value, (key, text) => {
      const values = this.#values.get(key);
      if (values === undefined) this.#values.set(key, [text]);
      else values.push(text);
    });
  }

  has(name: string): boolean {
    return this.#values.has(name.toLowerCase());
  }

  delete(name: string): void {
    this.#values.delete(name.toLowerCase());
  }

  /** How many names there are. */
  get size(): number {
    return this.#values.size;
  }

  get pairs(): HeaderPairs {
    const pairs: string[] = [];
    for (const [name, values] of this.#values) for (const value of values) pairs.push(name, value);
    return pairs;
  }

  /** Two lengths, or one that is none, would have the client take the rest for another response. */
  #writeLength(value: string): void {
    if (!/^\d{1,15}$/.test(value)) throw new WeftError("INVALID_ARGUMENT", `"${value}" is no length of a body`);
    this.#values.set("content-length", [value]);
  }

  #write(name: string, value: string, put: (key: string, text: string) => void): void {
    if (!namePattern.test(name)) throw new WeftError("INVALID_ARGUMENT", `"${name}" is no name of a header`);
    if (forbidden.test(value)) {
      throw new WeftError(
        "INVALID_ARGUMENT",
        `the header ${name}: a value holds no line ends and no control characters`,
      );
    }
    const key = name.toLowerCase();
    if (key === "content-length") return this.#writeLength(value);
    if (!ofConnection.has(key)) put(key, beyondLatin.test(value) ? utf8Bytes(value) : value);
  }
}

/** A header of a request as a text: Node reads bytes as Latin-1, most clients write UTF-8. */
export function headerText(value: string): string {
  if (!beyondLatin.test(value)) return value;
  const bytes = Buffer.from(value, "latin1");
  return isUtf8(bytes) ? bytes.toString("utf8") : value;
}

/** Node writes headers as Latin-1: text beyond ASCII goes as the bytes of its UTF-8. */
function utf8Bytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** The first header of a name, given in lower case. */
export function headerOf(headers: HeaderPairs, name: string): string | undefined {
  for (let index = 0; index < headers.length; index += 2) {
    const each = headers[index];
    if (each?.length === name.length && each.toLowerCase() === name) return headers[index + 1];
  }
  return undefined;
}
